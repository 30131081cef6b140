"""From which language is a surname?  A bidirectional LSTM on packed sequences."""

import os
import random
import unicodedata

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader, random_split

FOLDER = os.path.join(os.environ.get("PLUGRAD_DATA", "data"), "name_languages")
LETTERS = "abcdefghijklmnopqrstuvwxyz '-"
PAD, UNKNOWN = 0, 1
LANGUAGES = ["English", "Italian", "Japanese", "Russian", "Greek"]

random.seed(0)
torch.manual_seed(0)


def to_ascii(s):
    return "".join(c for c in unicodedata.normalize("NFD", s) if unicodedata.category(c) != "Mn")


def encode(name):
    return torch.tensor([LETTERS.find(c) + 2 for c in to_ascii(name).lower()])


samples = []
for label, language in enumerate(LANGUAGES):
    with open(os.path.join(FOLDER, f"{language}.txt"), encoding="utf-8") as f:
        names = f.read().strip().split("\n")
    random.shuffle(names)
    samples += [(encode(name), label) for name in names[:180]]
train_set, valid_set = random_split(samples, [0.8, 0.2])
print(len(train_set), "names to learn from,", len(valid_set), "to check")


def collate(batch):
    sequences, labels = zip(*batch)
    lengths = torch.tensor([len(s) for s in sequences])
    return pad_sequence(sequences, batch_first=True, padding_value=PAD), lengths, \
        torch.tensor(labels)


train_loader = DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=collate)
valid_loader = DataLoader(valid_set, batch_size=64, collate_fn=collate)


class BiLSTM(nn.Module):
    def __init__(self, vocab_size, embedding_dim, hidden_dim, output_dim, dropout=0.3):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=PAD)
        self.lstm = nn.LSTM(embedding_dim, hidden_dim, bidirectional=True, batch_first=True)
        self.attention = nn.Linear(2 * hidden_dim, 1)
        self.fc = nn.Linear(4 * hidden_dim, output_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, text, lengths):
        embedded = self.dropout(self.embedding(text))
        packed = pack_padded_sequence(embedded, lengths.cpu(), batch_first=True,
                                      enforce_sorted=False)
        packed_output, (hidden, cell) = self.lstm(packed)
        output, _ = pad_packed_sequence(packed_output, batch_first=True)

        mask = torch.arange(output.size(1))[None, :] >= lengths[:, None]
        scores = self.attention(output).squeeze(-1).masked_fill(mask, float("-inf"))
        context = (F.softmax(scores, dim=-1).unsqueeze(-1) * output).sum(dim=1)
        last = torch.cat((hidden[-2], hidden[-1]), dim=1)
        return self.fc(self.dropout(torch.cat([last, context], dim=1)))


model = BiLSTM(len(LETTERS) + 2, 24, 32, len(LANGUAGES))
optimizer = optim.RMSprop(model.parameters(), lr=3e-3)
scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", factor=0.5, patience=1)
criterion = nn.CrossEntropyLoss()


def evaluate():
    model.eval()
    total_loss, total_correct, total = 0.0, 0, 0
    confusion = torch.zeros(len(LANGUAGES), len(LANGUAGES), dtype=torch.int64)
    with torch.no_grad():
        for text, lengths, labels in valid_loader:
            logits = model(text, lengths)
            total_loss += criterion(logits, labels).item() * labels.size(0)
            predicted = logits.argmax(dim=-1)
            total_correct += (predicted == labels).sum().item()
            total += labels.size(0)
            for t, p in zip(labels.view(-1), predicted.view(-1)):
                confusion[t.long(), p.long()] += 1
    return total_loss / total, total_correct / total, confusion


losses = []
for epoch in range(4):
    model.train()
    for text, lengths, labels in train_loader:
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(model(text, lengths), labels)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
        losses.append(loss.item())
    valid_loss, accuracy, confusion = evaluate()
    scheduler.step(valid_loss)
    print(f"epoch {epoch}: validation loss {valid_loss:.3f}, accuracy {accuracy:.1%}, "
          f"last gradient's norm {norm:.2f}, lr {optimizer.param_groups[0]['lr']:.4f}")

print("names of each language:", confusion.sum(dim=1).sum().item())
for language, row in zip(LANGUAGES, confusion):
    print(f"{language:>10}", " ".join(f"{n:4d}" for n in row.tolist()))
