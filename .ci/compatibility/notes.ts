/**
 * What the names of NumPy and JAX that we lack, or have otherwise, are explained with.
 * @module
 */

/** Notes on the names of one system. */
export interface SystemNotes {
  /** Of names that we have: how ours differs. */
  readonly differs: Readonly<Record<string, string>>;
  /** Of names that we have at another place: where, and words behind it. */
  readonly elsewhere: Readonly<Record<string, string>>;
  /** Of names that we do not have: reasons, each with the names it is for. */
  readonly missing: Readonly<Record<string, string>>;
}

const numpy: SystemNotes = {
  differs: {
    allclose: "gives a JavaScript boolean",
    array: "lists of numbers are float32",
    array_equal: "gives a JavaScript boolean",
    array_equiv: "gives a JavaScript boolean",
    asarray: "lists of numbers are float32",
    average: "with `returned` the sum of weights has the shape of the mean",
    bincount: "negative numbers count as 0, as in JAX; `length` under jit",
    choose: 'without mode "raise"; numbers outside are clipped',
    compress: "`size` and `fillValue` under jit",
    convolve: "integers become float32, as in JAX",
    copy: "another name of `array`",
    correlate: "integers become float32, as in JAX",
    delete: "places are plain integers",
    empty: "zeros",
    empty_like: "zeros",
    extract: "`size` and `fillValue` under jit",
    fill_diagonal: "gives a new array",
    flatnonzero: "`size` and `fillValue` under jit",
    fromfunction: "indices are float32 unless a dtype is given",
    gradient: "distances in the option `spacing`; without edge order 2",
    histogram: "edges are equally spaced or given; no estimators of bin widths",
    histogram_bin_edges: "no estimators of bin widths",
    insert: "places are plain integers",
    intersect1d: "`size` and `fillValue` under jit",
    modf: "the fraction of an infinity is NaN, as in JAX",
    nonzero: "`size` and `fillValue` under jit",
    partition: "sorts the whole axis",
    argpartition: "sorts the whole axis",
    piecewise: "functions take one argument",
    place: "gives a new array",
    polyfit: "by QR decomposition; gives the coefficients alone",
    polydiv: "the remainder keeps its leading zeros, as in JAX",
    put: "gives a new array; places outside are left out",
    put_along_axis: "gives a new array",
    quantile: "methods linear, lower, higher, midpoint, nearest; no weights",
    percentile: "methods linear, lower, higher, midpoint, nearest; no weights",
    ravel_multi_index: 'without mode "raise"; indices outside are clipped',
    roots: "real roots of degree 2 at most",
    setdiff1d: "`size` and `fillValue` under jit",
    setxor1d: "`size` and `fillValue` under jit",
    take: "an index outside reads NaN (integers: the least), as in JAX",
    trim_zeros: "for vectors",
    union1d: "`size` and `fillValue` under jit",
    unique: "without `sorted`; `size` and `fillValue` under jit",
    unique_all: "`size` and `fillValue` under jit",
    unique_counts: "`size` and `fillValue` under jit",
    unique_inverse: "`size` and `fillValue` under jit",
    unique_values: "`size` and `fillValue` under jit",
    argwhere: "`size` and `fillValue` under jit",
    unravel_index: "positions outside are moved to the nearest end, as in JAX",
    where: "needs all three arguments; see `nonzero`",
  },
  elsewhere: {
    load: "io.loadNpy and `io.loadNpz`; files are read asynchronously",
    save: "io.saveNpy files are written asynchronously",
    savez: "io.saveNpz files are written asynchronously",
  },
  missing: {
    "there are no complex dtypes":
      "angle conj conjugate imag iscomplex iscomplexobj isreal isrealobj real real_if_close sort_complex",
    "`vmap`": "apply_along_axis vectorize frompyfunc",
    "call the function once for each axis": "apply_over_axes",
    "`toString` of a tensor": "array2string array_repr array_str format_float_positional " +
      "format_float_scientific base_repr binary_repr get_printoptions printoptions set_printoptions",
    "`np.asarray`": "asanyarray asarray_chkfinite ascontiguousarray asfortranarray asmatrix bmat " +
      "require",
    "there are no dates":
      "busday_count busday_offset datetime_as_string datetime_data is_busday isnat",
    "Python's slices: `x.slice`, `np.arange`, `np.meshgrid`":
      "c_ index_exp mgrid ogrid r_ s_ newaxis",
    "dtypes are strings: `np.promoteTypes`, `np.resultType`":
      "can_cast common_type isdtype issubdtype min_scalar_type mintypecode sctypeDict typecodes " +
      "typename ScalarType",
    "tensors do not change: `np.where`, `np.put`, `x.set`": "copyto putmask",
    "`HostArray` over a typed array": "from_dlpack frombuffer fromiter",
    "parsing text is no part of it": "fromfile fromregex fromstring genfromtxt loadtxt savetxt",
    "the order of contractions is not searched for": "einsum_path",
    "about memory or Python objects": "isfortran may_share_memory shares_memory nested_iters " +
      "little_endian isscalar iterable",
    "about NumPy itself":
      "get_include getbufsize geterr geterrcall info setbufsize seterr seterrcall " +
      "show_config show_runtime test",
    "`true` and `false`": "False_ True_",
    "`io.saveNpz` with `{ compress: true }`": "savez_compressed",
  },
};

const random: SystemNotes = {
  differs: {
    bits: "uint32 and uint8",
    double_sided_maxwell: "the shape defaults to that of the parameters, and is not put before it",
    gumbel: 'modes "low" and "high"',
    key: "gives a uint32 tensor of shape [2]",
    lognormal: "sigma is required",
    multinomial: "written out class by class",
    orthogonal: "by Gram-Schmidt",
    poisson: "rates are rounded to float32, as in JAX",
    randint: "uint8, int32 and uint32",
    weibull_min: "the shape defaults to that of the parameters",
  },
  elsewhere: {},
  missing: {
    "`random.key`: keys are raw": "PRNGKey key_dtype key_impl",
    "keys may be used again without a word": "clone",
    "it needs a Cholesky decomposition": "multivariate_normal",
    "a primitive of JAX": "random_gamma_p",
  },
};

const nn: SystemNotes = {
  differs: {},
  elsewhere: {
    celu: "activations.celu",
    glu: "activations.glu",
    hard_sigmoid: "activations.hardSigmoid",
    hard_silu: "activations.hardSilu",
    hard_swish: "activations.hardSwish",
    hard_tanh: "activations.hardTanh",
    identity: "activations.linear",
    sparse_plus: "activations.sparsePlus",
    squareplus: "activations.squareplus",
  },
  missing: {
    "`np.log1p(x.neg().exp().neg())`": "log1mexp",
    "`nn.logsumexp` minus the logarithm of the count": "logmeanexp",
    "scaled low-precision products":
      "get_scaled_dot_general_config scaled_dot_general scaled_matmul",
    "`np.clip(x.add(1).mul(0.5), 0, 1)`": "sparse_sigmoid",
    "`x.sub(x.mean()).div(x.std())`": "standardize",
  },
};

const initializers: SystemNotes = {
  differs: {},
  elsewhere: {
    kaiming_normal: "initializers.heNormal",
    kaiming_uniform: "initializers.heUniform",
    normal: "initializers.randomNormal",
    uniform: "initializers.randomUniform",
    xavier_normal: "initializers.glorotNormal",
    xavier_uniform: "initializers.glorotUniform",
  },
  missing: { "not there yet": "delta_orthogonal" },
};

const tree: SystemNotes = {
  differs: {
    leaves_with_path: "paths are strings",
    map_with_path: "paths are strings",
  },
  elsewhere: {
    flatten_with_path: "tree.leavesWithPath with `tree.structure`",
  },
  missing: {
    "`tree.map` over the leaves": "broadcast",
    "`tree.reduce`": "reduce_associative",
    "`staticArgs` of `jit`": "static",
  },
};

const lax: SystemNotes = {
  differs: {},
  elsewhere: {
    map: "scan or `vmap`",
    select: "np.where",
    switch: "switchCase",
  },
  missing: {
    "`np.cumsum`, `np.cumprod`, or `scan`": "associative_scan",
    "`customVjp`": "custom_linear_solve custom_root",
  },
};

const jax: SystemNotes = {
  differs: {
    checkpoint: "without policies",
    devices: "listed with the reasons why others cannot be used",
    jit: "options `donate` and `staticArgs`, by position; `device`, `precision`",
  },
  elsewhere: {
    custom_gradient: "customVjp",
    default_backend: "backend",
    jacobian: "jacrev",
    make_jaxpr: "makeProgram",
    pure_callback: "debug.callback for effects",
    remat: "checkpoint",
    block_until_ready: "Tensor `await x.ready()`",
    device_get: "Tensor `x.data()`",
    device_count: "devices its length",
    device_put: "Tensor `x.to(name)`",
    local_device_count: "devices its length",
  },
  missing: {
    "a computation runs on one device": "host_count host_id host_ids " +
      "make_array_from_callback make_array_from_process_local_data make_array_from_single_device_arrays " +
      "make_mesh pmap process_index process_indices reshard shard_map smap transfer_guard",
    "memory looks after itself":
      "clear_caches copy_to_host_async empty_ref free_ref freeze live_arrays " +
      "new_ref",
    "leave `jit` away": "disable_jit",
    "`Variable`": "ds",
    "calls have run when they return": "effects_barrier",
    "`linearize`, `vjp`": "fwd_and_bwd linear_transpose",
    "functions may close over tensors": "closure_convert",
    "`config`, `deno task doctor`": "make_user_context print_environment_info",
    "names of functions are shown by `explain` and `profile`": "named_call named_scope",
    "code outside of `jit` runs at once": "ensure_compile_time_eval",
    "`x.aval`": "typeof",
  },
};

/** Notes by system. */
export const notes = { numpy, random, nn, initializers, tree, lax, jax } as const;
