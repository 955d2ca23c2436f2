/**
 * Lint rules of the house: errors read alike wherever they are thrown, and what is hidden is hidden
 * by the language (`#name`), not only by the type checker.
 * @module
 */

/** Error classes take their message first; one thrown by another name is not looked at. */
const errorClass = /Error$/;

const contraction =
  /\b(?:can|don|doesn|isn|aren|won|didn|wasn|couldn|shouldn|wouldn|hasn|haven)'t\b/i;

/** What is wrong with the fixed text of a message, or undefined. */
function flaw(first: string, last: string, all: string): string | undefined {
  if (/^[a-z]+ /.test(first)) return "start it with a capital";
  if (/(?:^|[^.])\.$/.test(last)) return "end it without a period";
  if (contraction.test(all)) return "write contractions out";
  return undefined;
}

/** The fixed parts of a message that is written as a literal, a template or a sum of them. */
function fixedText(node: Deno.lint.Node): string[] {
  if (node.type === "Literal") return typeof node.value === "string" ? [node.value] : [""];
  if (node.type === "TemplateLiteral") return node.quasis.map(({ cooked }) => cooked);
  if (node.type === "BinaryExpression" && node.operator === "+") {
    return [...fixedText(node.left), ...fixedText(node.right)];
  }
  return [""];
}

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "error-message": {
      create: (context) => ({
        NewExpression(node): void {
          const message = node.arguments[0];
          if (node.callee.type !== "Identifier" || !errorClass.test(node.callee.name)) return;
          if (message === undefined || message.type === "SpreadElement") return;
          const text = fixedText(message);
          const what = flaw(text[0] ?? "", text.at(-1) ?? "", text.join(""));
          if (what !== undefined) {
            context.report({ node: message, message: `An error message that needs care: ${what}` });
          }
        },
      }),
    },
    "hash-private": {
      create: (context) => {
        const message = "Hide a member with #name, not with private";
        return {
          "[accessibility='private']"(node: Deno.lint.Node): void {
            context.report({ node, message });
          },
          TSParameterProperty(node): void {
            if (/^private\b/.test(context.sourceCode.getText(node))) {
              context.report({ node, message });
            }
          },
        };
      },
    },
  },
};

export default plugin;
