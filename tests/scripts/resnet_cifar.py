"""A small ResNet on CIFAR-10: shortcuts, batch normalization, momentum, one cycle."""

import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
import torch.utils.data as data

CLASSES = ("plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
MEAN = torch.tensor([0.4914, 0.4822, 0.4465]).view(3, 1, 1)
STD = torch.tensor([0.2023, 0.1994, 0.2010]).view(3, 1, 1)


class CIFAR10(data.Dataset):
    def __init__(self, name, count, train):
        path = os.path.join(os.environ.get("PLUGRAD_DATA", "data"), "cifar-10-batches-bin", name)
        rows = np.fromfile(path, dtype=np.uint8, count=count * 3073).reshape(count, 3073)
        self.targets = torch.from_numpy(rows[:, 0].astype("int64"))
        self.data = torch.from_numpy(rows[:, 1:].reshape(-1, 3, 32, 32).copy())
        self.train = train

    def __getitem__(self, index):
        img = (self.data[index].float() / 255.0 - MEAN) / STD
        if self.train:
            if torch.rand(1).item() < 0.5:
                img = img.flip(-1)
            img = F.pad(img, (4, 4, 4, 4))
            top, left = torch.randint(0, 9, (2,)).tolist()
            img = img[:, top:top + 32, left:left + 32]
        return img, self.targets[index]

    def __len__(self):
        return self.data.shape[0]


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, in_planes, planes, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(
            in_planes, planes, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, stride=1, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)

        self.shortcut = nn.Sequential()
        if stride != 1 or in_planes != self.expansion * planes:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_planes, self.expansion * planes, kernel_size=1, stride=stride,
                          bias=False),
                nn.BatchNorm2d(self.expansion * planes)
            )

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        out = F.relu(out)
        return out


class ResNet(nn.Module):
    def __init__(self, block, num_blocks, num_classes=10):
        super().__init__()
        self.in_planes = 8
        self.conv1 = nn.Conv2d(3, 8, kernel_size=3, stride=1, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.layer1 = self._make_layer(block, 8, num_blocks[0], stride=1)
        self.layer2 = self._make_layer(block, 16, num_blocks[1], stride=2)
        self.layer3 = self._make_layer(block, 32, num_blocks[2], stride=2)
        self.linear = nn.Linear(32 * block.expansion, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(m, nn.BatchNorm2d):
                nn.init.constant_(m.weight, 1)
                nn.init.constant_(m.bias, 0)

    def _make_layer(self, block, planes, num_blocks, stride):
        strides = [stride] + [1] * (num_blocks - 1)
        layers = []
        for stride in strides:
            layers.append(block(self.in_planes, planes, stride))
            self.in_planes = planes * block.expansion
        return nn.Sequential(*layers)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.layer1(out)
        out = self.layer2(out)
        out = self.layer3(out)
        out = F.avg_pool2d(out, 8)
        out = out.view(out.size(0), -1)
        return self.linear(out)


torch.manual_seed(1)
device = 'cuda' if torch.cuda.is_available() else 'cpu'
trainset = CIFAR10("data_batch_1.bin", 1280, train=True)
testset = CIFAR10("test_batch.bin", 400, train=False)
trainloader = data.DataLoader(trainset, batch_size=32, shuffle=True, drop_last=True)
testloader = data.DataLoader(testset, batch_size=100, shuffle=False, num_workers=0)

net = ResNet(BasicBlock, [1, 1, 1]).to(device)
print(sum(p.numel() for p in net.parameters() if p.requires_grad), "parameters")
if device == 'cuda':
    torch.backends.cudnn.benchmark = True

criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
optimizer = optim.SGD(net.parameters(), lr=0.005, momentum=0.9, weight_decay=5e-4)
scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.01, epochs=3, div_factor=4,
                                          steps_per_epoch=len(trainloader), pct_start=0.5)
losses = []

for epoch in range(3):
    net.train()
    train_loss, correct, total = 0, 0, 0
    for batch_idx, (inputs, targets) in enumerate(trainloader):
        inputs, targets = inputs.to(device), targets.to(device)
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
        scheduler.step()

        losses.append(loss.item())
        train_loss += loss.item()
        _, predicted = outputs.max(1)
        total += targets.size(0)
        correct += predicted.eq(targets).sum().item()
    print('Loss: %.3f | Acc: %.3f%% (%d/%d)'
          % (train_loss / (batch_idx + 1), 100. * correct / total, correct, total))
    print('learning rate now', scheduler.get_last_lr())

net.eval()
right, seen = torch.zeros(10), torch.zeros(10)
with torch.no_grad():
    for inputs, targets in testloader:
        _, predicted = torch.max(net(inputs.to(device)), 1)
        hits = (predicted.cpu() == targets).squeeze()
        for label, hit in zip(targets, hits):
            right[label] += hit.item()
            seen[label] += 1
for name, r, s in zip(CLASSES, right, seen):
    print(f'Accuracy of {name:5s}: {100 * r / s:.1f} %')
