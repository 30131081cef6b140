"""A character LSTM that learns to write like Shakespeare, by truncated backpropagation."""

import os

import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(1234)
device = torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')

# Hyper-parameters
embed_size = 32
hidden_size = 64
num_layers = 2
seq_length = 32
batch_size = 20
num_epochs = 2
learning_rate = 0.005

path = os.path.join(os.environ.get("PLUGRAD_DATA", "data"), "shakespeare", "input.txt")
with open(path, encoding="utf-8") as f:
    text = f.read(20_000)
chars = sorted(list(set(text)))
vocab_size = len(chars)
char2idx = {ch: i for i, ch in enumerate(chars)}
idx2char = np.array(chars)
print(f"{len(text)} characters, {vocab_size} different")

ids = torch.LongTensor([char2idx[c] for c in text])
num_batches = ids.size(0) // batch_size
ids = ids[:num_batches * batch_size].view(batch_size, -1)


class RNNLM(nn.Module):
    def __init__(self, vocab_size, embed_size, hidden_size, num_layers):
        super(RNNLM, self).__init__()
        self.embed = nn.Embedding(vocab_size, embed_size)
        self.lstm = nn.LSTM(embed_size, hidden_size, num_layers, batch_first=True)
        self.linear = nn.Linear(hidden_size, vocab_size)

    def forward(self, x, h):
        x = self.embed(x)
        out, (h, c) = self.lstm(x, h)
        out = out.reshape(out.size(0) * out.size(1), out.size(2))
        out = self.linear(out)
        return out, (h, c)


model = RNNLM(vocab_size, embed_size, hidden_size, num_layers).to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)


# Truncated backpropagation
def detach(states):
    return [state.detach() for state in states]


losses = []
for epoch in range(num_epochs):
    states = (torch.zeros(num_layers, batch_size, hidden_size).to(device),
              torch.zeros(num_layers, batch_size, hidden_size).to(device))

    for i in range(0, ids.size(1) - seq_length, seq_length):
        inputs = ids[:, i:i + seq_length].to(device)
        targets = ids[:, (i + 1):(i + 1) + seq_length].to(device)

        states = detach(states)
        outputs, states = model(inputs, states)
        loss = criterion(outputs, targets.reshape(-1))

        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()

        losses.append(loss.item())
        step = (i + 1) // seq_length
        if step % 10 == 0:
            print('Epoch [{}/{}], Step[{}/{}], Loss: {:.4f}, Perplexity: {:5.2f}'
                  .format(epoch + 1, num_epochs, step, num_batches // seq_length, loss.item(),
                          np.exp(loss.item())))

with torch.no_grad():
    state = (torch.zeros(num_layers, 1, hidden_size).to(device),
             torch.zeros(num_layers, 1, hidden_size).to(device))
    input = torch.tensor([[char2idx["T"]]], device=device)
    sample = ""
    for _ in range(100):
        output, state = model(input, state)
        prob = (output / 0.8).exp()
        word_id = torch.multinomial(prob, num_samples=1).item()
        input.fill_(word_id)
        sample += idx2char[word_id]
print(len(sample), "characters written, all of them known:", set(sample) <= set(text))
