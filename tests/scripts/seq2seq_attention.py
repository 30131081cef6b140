"""Translation from German to English by a GRU with additive attention, saved on the way."""

import gzip
import os
import random
import re
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
FOLDER = os.path.join(os.environ.get("PLUGRAD_DATA", "data"), "multi30k")
PAD_token, SOS_token, EOS_token, UNK_token = range(4)
MAX_LENGTH = 12
random.seed(5)
torch.manual_seed(5)


class Lang:
    def __init__(self, name, sentences):
        self.name = name
        counts = Counter(word for s in sentences for word in s)
        self.index2word = ["PAD", "SOS", "EOS", "UNK", *(w for w, n in counts.items() if n > 1)]
        self.word2index = {w: i for i, w in enumerate(self.index2word)}
        self.n_words = len(self.index2word)

    def indexes(self, sentence):
        ids = [self.word2index.get(word, UNK_token) for word in sentence] + [EOS_token]
        return ids + [PAD_token] * (MAX_LENGTH + 1 - len(ids))


def normalize(s):
    return re.sub(r"[^\w]+", " ", s.lower()).split()


with gzip.open(os.path.join(FOLDER, "train.de.gz"), "rt", encoding="utf-8") as f, \
        gzip.open(os.path.join(FOLDER, "train.en.gz"), "rt", encoding="utf-8") as g:
    pairs = [(normalize(de), normalize(en)) for de, en, _ in zip(f, g, range(2000))]
pairs = [p for p in pairs if max(map(len, p)) <= MAX_LENGTH]
german, english = (Lang(n, s) for n, s in zip(("de", "en"), zip(*pairs)))
print(f"Read {len(pairs)} sentence pairs: {german.n_words} and {english.n_words} words")


class EncoderRNN(nn.Module):
    def __init__(self, input_size, hidden_size, dropout_p=0.1):
        super().__init__()
        self.embedding = nn.Embedding(input_size, hidden_size)
        self.gru = nn.GRU(hidden_size, hidden_size, batch_first=True)
        self.dropout = nn.Dropout(dropout_p)

    def forward(self, input):
        embedded = self.dropout(self.embedding(input))
        output, hidden = self.gru(embedded)
        return output, hidden


class BahdanauAttention(nn.Module):
    def __init__(self, hidden_size):
        super().__init__()
        self.Wa = nn.Linear(hidden_size, hidden_size)
        self.Ua = nn.Linear(hidden_size, hidden_size)
        self.Va = nn.Linear(hidden_size, 1)

    def forward(self, query, keys):
        scores = self.Va(torch.tanh(self.Wa(query) + self.Ua(keys)))
        scores = scores.squeeze(2).unsqueeze(1)
        weights = F.softmax(scores, dim=-1)
        context = torch.bmm(weights, keys)
        return context, weights


class AttnDecoderRNN(nn.Module):
    def __init__(self, hidden_size, output_size):
        super().__init__()
        self.embedding = nn.Embedding(output_size, hidden_size)
        self.attention = BahdanauAttention(hidden_size)
        self.gru = nn.GRU(2 * hidden_size, hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, output_size)

    def forward(self, encoder_outputs, encoder_hidden, target_tensor=None):
        batch_size = encoder_outputs.size(0)
        decoder_input = torch.empty(batch_size, 1, dtype=torch.long, device=device)
        decoder_input.fill_(SOS_token)
        hidden, outputs, attentions = encoder_hidden, [], []
        for i in range(MAX_LENGTH + 1):
            embedded = self.embedding(decoder_input)
            context, weights = self.attention(hidden.permute(1, 0, 2), encoder_outputs)
            output, hidden = self.gru(torch.cat((embedded, context), dim=2), hidden)
            output = self.out(output)
            outputs.append(output)
            attentions.append(weights)
            if target_tensor is not None:
                decoder_input = target_tensor[:, i].unsqueeze(1)    # teacher forcing
            else:
                _, topi = output.topk(1)
                decoder_input = topi.squeeze(-1).detach()
        outputs = F.log_softmax(torch.cat(outputs, dim=1), dim=-1)
        return outputs, hidden, torch.cat(attentions, dim=1)


encoder = EncoderRNN(german.n_words, 48).to(device)
decoder = AttnDecoderRNN(48, english.n_words).to(device)
encoder_optimizer = optim.Adam(encoder.parameters(), lr=0.005)
decoder_optimizer = optim.Adam(decoder.parameters(), lr=0.005)
criterion = nn.NLLLoss(ignore_index=PAD_token)

losses = []
for iteration in range(40):
    batch = random.sample(pairs, 32)
    source = torch.tensor([german.indexes(de) for de, en in batch], device=device)
    target = torch.tensor([english.indexes(en) for de, en in batch], device=device)

    encoder_optimizer.zero_grad()
    decoder_optimizer.zero_grad()
    encoder_outputs, encoder_hidden = encoder(source)
    decoder_outputs, _, _ = decoder(encoder_outputs, encoder_hidden, target)
    loss = criterion(decoder_outputs.view(-1, decoder_outputs.size(-1)), target.view(-1))
    loss.backward()
    encoder_optimizer.step()
    decoder_optimizer.step()

    losses.append(loss.item())
    if iteration % 10 == 0:
        print(f"({iteration} {iteration / 40:.0%}) {loss.item():.4f}")
        torch.save({"iteration": iteration, "encoder": encoder.state_dict(),
                    "decoder": decoder.state_dict(), "losses": losses,
                    "encoder_optimizer": encoder_optimizer.state_dict()}, "checkpoint.tar")

checkpoint = torch.load("checkpoint.tar")
encoder.load_state_dict(checkpoint["encoder"])
decoder.load_state_dict(checkpoint["decoder"])
encoder_optimizer.load_state_dict(checkpoint["encoder_optimizer"])
print("back at iteration", checkpoint["iteration"], "with", len(checkpoint["losses"]), "losses")

encoder.eval()
decoder.eval()
with torch.no_grad():
    for de, en in pairs[:2]:
        output, _, attention = decoder(*encoder(torch.tensor([german.indexes(de)])))
        words = [english.index2word[int(i)] for i in output.topk(1)[1].squeeze()]
        print(len(words), "words,", attention.size(), f"{attention[0, 0].sum():.3f}")
