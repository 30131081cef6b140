"""What tests.hostile calls, and with what: every text is Python source."""

import itertools

import numpy as np
import plugrad as pg

# ----------------------------------------------------------- short names that the lines may use


def T(*shape, dtype=pg.float32):
    """Numbers between -1 and 1, all different if they are few."""
    n = int(np.prod(shape))
    return (pg.arange(n, dtype=dtype) * 0.37).sin().reshape(shape)


def W(*shape):
    return T(*shape).requires_grad_()


def L(*shape):
    return pg.arange(int(np.prod(shape))).reshape(shape) % 3


def B(*shape):
    return L(*shape) > 0


def N(*shape, kind="f4"):
    return (np.arange(np.prod(shape)) % 7).astype(kind).reshape(shape)


def cycle():
    """A list that is in itself."""
    inside = []
    inside.append(inside)
    return inside


def deep():
    """A list in a list in a list ..., deeper than arrays can be."""
    inside = []
    for _ in range(100):
        inside = [inside]
    return inside


def steps(made):
    """What one does with an optimizer, a schedule, a dataset, a sampler."""
    if isinstance(made, pg.optim.Optimizer):
        for group in made.param_groups:
            for w in group["params"]:
                w.grad = pg.ones_like(w)
        for _ in range(2):
            made.step(lambda: pg.tensor(1.0)) if isinstance(made, pg.optim.LBFGS) else made.step()
        made.load_state_dict(made.state_dict())
    elif isinstance(made, pg.optim.lr_scheduler.LRScheduler):
        made.step()
        made.load_state_dict(made.state_dict())
    elif isinstance(made, pg.distributions.Distribution):
        sample = made.sample((2,))
        return sample, made.log_prob(sample), made.mean, made.stddev
    elif isinstance(made, pg.data.IterableDataset) or not hasattr(made, "__getitem__"):
        return list(itertools.islice(made, 3)) if hasattr(made, "__iter__") else repr(made)
    elif isinstance(made, pg.data.Dataset):
        return [made[i] for i in range(min(len(made), 3))]
    return repr(made)


# --------------------------------------------------------------------------------- what to call

SPACES = ["pg", "nn", "F", "nn.init", "nn.utils", "nn.utils.rnn", "nn.utils.parametrize",
          "nn.utils.parametrizations", "pg.linalg", "pg.special", "optim", "optim.lr_scheduler",
          "optim.swa_utils", "pg.data", "pg.distributions", "pg.autograd",
          "pg.autograd.functional", "pg.func", "pg.models", "pg.callbacks", "pg.amp",
          "pg.utils.checkpoint", "pg.utils.data", "pg.testing", "pg.cuda", "pg.accelerator"]
# They act on the process or on plugins, are large, or load what has to be downloaded.
LEFT_OUT = {"load_plugin", "register", "register_kl", "main", "compile", "check_component", "warn",
            "dtype", "hookimpl", "assert_close", "Function", "Op", "AlexNet", "VGG11", "VGG16",
            "VGG19", "ResNet18", "ResNet34", "ResNet50", "ResNet110", "ResNet152", "ViTBase",
            "ViTSmall", "ViTTiny", "ResNet44", "ResNet56", "ResNet32", "share_memory_"}
BINARY = ["+", "-", "*", "/", "//", "%", "**", "&", "|"]
OPERATORS = [f"y = x {op} {{}}" for op in [*BINARY, "@", "<", "=="]] + [
    f"y = {{}} {op} x" for op in [*BINARY, "@", "<=", "!="]] + [
    f"y = x; y {op}= {{}}" for op in BINARY] + [
    "y = x[{}]", "y = x[{}]", "x[{}] = 1", "x[1:] = {}", "x[L(2)] = {}", "x[B(2)] = {}",
    "x[..., 0] = {}", "y = {} in x", "y = x[:, {}]", "x[{}] = x[:1]", "x[{}] += 1"]
OBJECTS = [
    "nn.Linear(4, 4)", "nn.Sequential(nn.Linear(4, 4), nn.ReLU())", "nn.ModuleList([nn.ReLU()])",
    "nn.ModuleDict({'a': nn.ReLU()})", "nn.ParameterList([W(2)])", "nn.ParameterDict({'a': W(2)})",
    "nn.BatchNorm1d(4)", "nn.LSTM(4, 4)",
    "optim.SGD([W(4, 4)], lr=0.1, momentum=0.9)", "optim.Adam([W(4, 4)])",
    "optim.lr_scheduler.StepLR(optim.SGD([W(2)], lr=0.1), 2)",
    "pg.distributions.Normal(T(4), 1.0)", "pg.distributions.Categorical(logits=T(2, 4))",
    "pg.distributions.Bernoulli(0.5)", "pg.distributions.Uniform(0.0, 1.0)", "pg.Generator()",
    "pg.Size((2, 4))", "pg.data.TensorDataset(T(4, 4), L(4))",
    "pg.data.DataLoader(pg.data.TensorDataset(T(4, 4)), batch_size=2)", "pg.float32",
    "pg.data.Subset(pg.data.TensorDataset(T(4, 4)), [0, 1])", "pg.device('cpu')",
    "nn.utils.rnn.pack_sequence([T(3, 4), T(2, 4)])", "pg.amp.GradScaler(enabled=False)",
    "optim.swa_utils.AveragedModel(nn.Linear(4, 4))"]

# -------------------------------------------------------------------------------- with what to call

THEMES = ["4", "4, 4", "2, 4, 4", "2, 4, 4, 4", "1, 4, 4, 4, 4"]
LOT = "T(1, 4).expand(4, 4)"        # one row of memory, four of numbers


def table(text):
    """{name: (text, ...)} of lines `name name ... | text | text`."""
    rows = [line.split(" | ") for line in text.strip().splitlines()]
    return {name.strip(): tuple(v.strip() for v in values)
            for names, *values in rows for name in names.split()}


# By the name of the parameter: what fits.
SANE = table("""
self input x tensor other source a b src query key value memory tgt input1 input2 x1 x2 | T(THEME) \
| T(THEME) | x | T(THEME, dtype=pg.float64)
anchor positive negative end actual expected tensor1 tensor2 | T(THEME) | T(THEME) | x
target targets labels | T(THEME) | L(THEME) | L(2, 4) | L(2)
tensors operands params parameters inputs outputs xs ys | [T(THEME), T(THEME)] | [x] \
| [W(THEME)] | x
args | T(THEME) | x | 2 | (2, 2) | 4
A B mat mat1 mat2 matrix | T(4, 4) | T(4, 4) | T(2, 4, 4)
batch1 batch2 | T(2, 4, 4)
vec vec1 vec2 v | T(4)
weight | T(4) | T(4, 4) | T(4, 4, 2, 2) | T(4, 4, 2) | None
running_mean running_var var | T(4).abs() | T(THEME).abs()
mask condition attn_mask key_padding_mask | B(THEME) | B(4, 4)
index indices | L(THEME) | L(2) | L(4) | 1
dim axis dims dim0 dim1 dim2 start_dim end_dim dimension | 0 | 1 | -1 | (0, 1)
dtype | pg.float32 | pg.float64 | pg.int64 | pg.bool | None
device device_type map_location | 'cpu' | None
generator | pg.Generator() | None
reduction | 'mean' | 'sum' | 'none'
padding_mode | 'zeros' | 'reflect' | 'replicate' | 'circular' | 'border'
mode | 'bilinear' | 'nearest' | 'mean' | 'constant' | 'reflect' | 'min'
reduce | 'sum' | 'amax' | 'prod' | 'mean'
rounding_mode | 'trunc' | 'floor' | None
equation | 'ij,jk->ik' | 'ii' | '...j->...' | 'ij'
padding output_padding | 0 | 1 | (1, 1) | 'same'
stride dilation | 1 | 2 | (1, 2)
kernel_size size sizes shape | 2 | (2, 2) | 4 | (4, 4) | (2, 4, 4)
output_size scale_factor split_size_or_sections repeats indices_or_sections | 2 | (2, 2) | 3
groups num_groups upscale_factor downscale_factor nhead num_heads n k chunks steps r | 2 | 1 | 4
in_channels out_channels num_features in_features out_features input_size hidden_size d_model \
num_channels embedding_dim embed_dim normalized_shape features width | 4
num_embeddings num_classes n_classes N M m row col high minlength bins vocabulary chars | 4 | 5
num_layers layers depth num_encoder_layers num_decoder_layers max_iter max_eval num_workers \
segments n_power_iterations ns_steps epochs heads pieces | 1 | 2
dim_feedforward feedforward max_len context length total_length window_length | 4 | 8
p dropout dropout_p drop | 0.5 | 0.0 | 1.0 | 2
eps lr alpha beta momentum weight_decay std mean noise tau sigma scale margin lambd | 0.1 | 1 | 0.0
min max low lower upper fill_value start step base threshold diagonal offset rtol atol | 0 | 1 | 0.5
optimizer | optim.SGD([W(THEME)], lr=0.1)
module model branch encoder_layer decoder_layer base_model | nn.Linear(4, 4) | nn.ReLU()
modules members callbacks transforms | [nn.ReLU()] | [] | {}
func fn function functions callable lr_lambda transform hook closure collate_fn | \
lambda *a, **k: a[0] | abs
dataset data_source | pg.data.TensorDataset(T(4, 4)) | [1, 2, 3]
datasets | [[1, 2], [3]] | [pg.data.TensorDataset(T(4, 4))]
batch_size num_samples | 2 | 3
weights probs | T(4).abs() | [0.2, 0.8]
lengths input_lengths target_lengths | L(2) + 1 | [2, 1] | [4, 4]
sequences | [T(3, 4), T(2, 4)]
betas etas | (0.9, 0.99)
root path f file filename | 'a' | 'b/c'
download | False
hx | None | T(1, 2, 4) | T(2, 4) | (T(1, 2, 4), T(1, 2, 4))
name tensor_name | 'weight' | 'bias'
memory_format | pg.channels_last | pg.contiguous_format
img | T(3, 4, 4) | N(3, 4, 4)
schedulers | [optim.lr_scheduler.StepLR(optim.SGD([W(2)], lr=0.1), 2)]
milestones | [1, 2]
bias inplace keepdim keepdims batch_first ceil_mode affine training | True | False
return_indices bidirectional descending sorted stable create_graph retain_graph | True | False
loc rate logits | T(THEME) | 0.5
fill | 0 | 1
exponent | 2 | 0.5 | x
state_dict | {} | {'weight': T(4, 4)}
new_state | pg.get_rng_state()
out | T(THEME) | pg.empty(0)
""".replace("\\\n", ""))
# What has to be small: loops, processes and layers as many as the number says.
TAME = {"num_layers", "layers", "depth", "num_encoder_layers", "num_decoder_layers", "max_iter",
        "max_eval", "num_workers", "segments", "n_power_iterations", "ns_steps", "epochs",
        "download", "root", "pieces", "r", "prefetch_factor", "file", "f", "path"}


def recipes(text):
    """{name: {parameter: (text,)}} of lines `name ...: parameter=text; ...`."""
    found = {}
    for line in text.strip().splitlines():
        names, _, options = line.partition(": ")
        row = dict(option.split("=", 1) for option in options.split("; "))
        found |= {name: {key: (text,) for key, text in row.items()} for name in names.split()}
    return found


# By the name of the function: what fits it alone.
RECIPES = recipes("""
conv1d: input=T(2, 4, 6); weight=T(4, 2, 3); groups=2
conv2d: input=T(2, 4, 6, 6); weight=T(4, 2, 3, 3); groups=2
conv3d: input=T(2, 4, 4, 4, 4); weight=T(4, 2, 2, 2, 2); groups=2
conv_transpose1d: input=T(2, 4, 6); weight=T(4, 2, 3); stride=2
conv_transpose2d: input=T(2, 4, 4, 4); weight=T(4, 2, 3, 3); stride=2
conv_transpose3d: input=T(1, 4, 3, 3, 3); weight=T(4, 2, 2, 2, 2); stride=2
linear: input=T(2, 4); weight=T(3, 4); bias=T(3)
bilinear: input1=T(2, 4); input2=T(2, 4); weight=T(3, 4, 4)
batch_norm instance_norm: input=T(2, 4, 4); running_mean=T(4); running_var=T(4).abs()
layer_norm rms_norm: input=T(2, 4); normalized_shape=(4,)
group_norm: input=T(2, 4, 4); num_groups=2
embedding: input=L(2, 3); weight=T(5, 4)
embedding_bag: input=L(6); weight=T(5, 4); offsets=pg.tensor([0, 2])
ctc_loss: log_probs=T(5, 2, 4).log_softmax(2); targets=L(2, 2) + 1; input_lengths=[5, 4]; \
target_lengths=[2, 1]
cross_entropy: input=T(2, 4); target=L(2)
nll_loss multi_margin_loss: input=T(2, 4); target=L(2)
multilabel_margin_loss: input=T(2, 4); target=L(2, 4)
grid_sample: input=T(2, 4, 4, 4); grid=T(2, 3, 3, 2)
affine_grid: theta=T(2, 2, 3); size=(2, 1, 4, 4)
max_unpool1d: input=T(2, 4, 2); indices=L(2, 4, 2); kernel_size=2
max_unpool2d: input=T(2, 4, 2, 2); indices=L(2, 4, 2, 2); kernel_size=2
max_unpool3d: input=T(1, 4, 2, 2, 2); indices=L(1, 4, 2, 2, 2); kernel_size=2
fold: input=T(2, 16, 9); output_size=4; kernel_size=2
unfold: input=T(2, 4, 4, 4); kernel_size=2
scaled_dot_product_attention: query=T(2, 4, 4); key=T(2, 4, 4); value=T(2, 4, 4)
pixel_shuffle: input=T(2, 4, 4, 4); upscale_factor=2
interpolate upsample: input=T(2, 4, 4, 4); scale_factor=2; mode='bilinear'
gather take_along_dim: input=T(4, 4); dim=1; index=L(4, 4)
scatter scatter_add scatter_reduce: input=T(4, 4); dim=0; index=L(4, 4); src=T(4, 4); reduce='sum'
index_add index_copy: input=T(4, 4); dim=0; index=L(3); source=T(3, 4)
index_put index_put_: input=T(4, 4); indices=(L(3),); values=T(4)
einsum: equation='ij,jk->ik'; operands=T(4, 4)
cat stack: tensors=[T(4, 4), x]; dim=0
addmm: input=T(4); mat1=T(4, 4); mat2=T(4, 4)
LSTM GRU RNN LSTMCell GRUCell RNNCell: input_size=4; hidden_size=4
MultiheadAttention: embed_dim=4; num_heads=2
Embedding EmbeddingBag: num_embeddings=5; embedding_dim=4
GroupNorm: num_groups=2; num_channels=4
AdaptiveLogSoftmaxWithLoss: in_features=4; n_classes=6; cutoffs=[2, 4]
randint: high=5; size=(2, 3)
full: size=(2, 3); fill_value=1.5
pack_padded_sequence: input=T(3, 2, 4); lengths=[3, 2]
""".replace("\\\n", ""))
# By the name of the layer: what it is called with.
CALLS = recipes("""
Embedding EmbeddingBag: input=L(2, 3)
LSTM GRU RNN: input=T(3, 2, 4)
LSTMCell GRUCell RNNCell: input=T(2, 4)
MultiheadAttention: query=T(3, 2, 4); key=T(3, 2, 4); value=T(3, 2, 4)
Transformer: src=T(3, 2, 4); tgt=T(3, 2, 4)
TransformerDecoder TransformerDecoderLayer: tgt=T(3, 2, 4); memory=T(3, 2, 4)
CrossEntropyLoss NLLLoss MultiMarginLoss: input=T(2, 4); target=L(2)
CTCLoss: log_probs=T(5, 2, 4).log_softmax(2); targets=L(2, 2) + 1; input_lengths=[5, 4]; \
target_lengths=[2, 1]
AdaptiveLogSoftmaxWithLoss: input=T(2, 4); target=L(2)
Fold: input=T(2, 16, 9)
GPT CharRNN: input=L(2, 3)
""".replace("\\\n", ""))
HOSTILE = {
    "numbers": ["-1", "0", "1", "3", "2.5", "-0.0", "2**31 - 1", "2**31", "2**62 - 1", "2**63",
                "-2**63", "2**64", "10**30", "nan", "inf", "-inf", "1e300", "True", "1j",
                "np.int64(2)", "np.uint8(3)", "np.float64(1)", "1e-320"],
    "sizes": ["(2**31, 2**31)", "(2**62 + 1, 4)", "(-1, -1)", "(0, 2**62)", "(0, -1)", "()", "[]",
              "(1,) * 70", "(2, 'a')", "(2.0, 2)", "(None, 2)", "range(3)", "(0, 0)", "(1, 1)",
              "pg.tensor([2, 2])", "np.array([2, 2])", "[[2], [2]]", "(2**63, 1)", "(True, 2)",
              "(2**16, 2**16, 2**16)", "-3", "2**31 - 1", "(2**31, 1)", "(-2**63, 1)"],
    "objects": ["None", "'a'", "''", "b'x'", "{}", "{'a': 1}", "{1, 2}", "object()", "object",
                "range(3)", "[1, 2, 3]", "[None]", "[[1], [2, 3]]", "[[]]", "cycle()", "deep()",
                "slice(None, None, -1)", "...", "len", "lambda *a: 1 / 0", "iter([1])", "pg", "nn",
                "nn.ReLU()", "nn.ReLU", "pg.float64", "pg.int64", "'cuda'", "float", "pg.Size([2])",
                "NotImplemented", "Exception('a')", "['a', 2]", "(x, x)", "[x, 'a']", "{'a': x}",
                "'\\ud800'", "pg.device('meta')", "(x for x in [T(2)])", "[x, None]"],
    "tensors": ["x", "x.T", "x[1:]", "x[::2]", "x[0]", "x[..., :1]", "x.detach()", "x[None]",
                "x.expand(2, *x.shape)", "x[:1].expand(x.shape)", "x.flip(0)", "x.data", "x * nan",
                "x / 0", "x.double()", "x.long()", "x > 0", "x.byte()", "x.int()", "x.sum()",
                "T()", "T(0)", "T(0, 4)", "T(2, 0, 4)", "T(1)", "L(4)", "L(4) - 9", "L(2) + 2**62",
                "L(4) * -2**63", "B(4)", "B(4, 4)", "pg.zeros(0, 2**31)", "T(4, 4).T",
                "W(4, 4)[1:]", "T(1, 4).expand(4, 4)", "pg.ones(1).expand(2, 2**30)",
                "pg.empty(2, 4, device='meta')",
                "T(1, 1, 1, 1, 1, 1, 1)", "nn.Parameter(T(4, 4))", "T(4, 4).long()[:, ::2]",
                "pg.ones((1,) * 32)", "pg.from_numpy(N(8)[1::2])", "T(300)", "L(5, 5)"],
    "arrays": ["N(4, 4)", "N(4, 4, kind='>f4')", "N(4)[::-1]", "N(4, 4).T", "N(4, kind='f2')",
               "np.broadcast_to(np.float32(1), (4, 4))", "N(4, kind='c8')", "N(4, kind='O')",
               "np.frombuffer(b'x' * 65, 'f4', 16, 1)", "N(4, kind='S2')", "N(4, kind='i2')",
               "np.ma.ones(4)", "np.matrix('1 2; 3 4')", "N(4, kind='m8[s]')", "N(0, 4)",
               "np.array(1)", "N(4, kind='u8')", "N(4, kind='>i8')[::-1]", "np.array(None)",
               "pg.from_numpy(N(8, kind='f8')[::2])", "np.rec.array([(1, 2.0)])",
               "np.ones((1,) * 40)"],
}
