"""What the suite compares with: a ledger as a Python program has it, dictionaries of names and numbers, with
the checks of ours (nonce, balance, amount, duplicate, price, place of the block) and nothing else: no
signatures, no state root, no hash that anybody else would compute, nothing that outlives the process.

One request a line as JSON, one answer a line; stays until its input ends, so that the start of Python is in
no figure. Times are CPU time of this process."""

import hashlib
import heapq
import json
import platform
import sys
import time

TRANSFER_GAS = 21000


class Refused(Exception):
    pass


class Ledger:
    def __init__(self, names, amount):
        self.balances = dict.fromkeys(names, amount)
        self.nonces = dict.fromkeys(names, 0)
        self.known = set()
        self.blocks = []

    def balance(self, name):
        return self.balances.get(name, 0)

    def execute(self, tx):
        sender, recipient, amount, nonce, price = tx
        if tx in self.known:
            raise Refused("known")
        if not isinstance(amount, int) or amount <= 0 or sender == recipient:
            raise Refused("amount")
        if nonce != self.nonces.get(sender, 0) + 1:
            raise Refused("nonce")
        fee = price * TRANSFER_GAS
        balance = self.balances.get(sender, 0)
        if balance < amount + fee:
            raise Refused("balance")
        self.balances[sender] = balance - amount - fee
        self.balances[recipient] = self.balances.get(recipient, 0) + amount
        self.nonces[sender] = nonce
        self.known.add(tx)
        return fee

    def process(self, height, previous, transactions, producer):
        if height != len(self.blocks) + 1:
            raise Refused("height")
        if height > 1 and previous != self.blocks[-1][0]:
            raise Refused("parent")
        undo = (dict(self.balances), dict(self.nonces), set(self.known))
        try:
            fees = sum(self.execute(tx) for tx in transactions)
        except Refused:
            self.balances, self.nonces, self.known = undo
            raise
        if fees:
            self.balances[producer] = self.balances.get(producer, 0) + fees
        digest = hashlib.sha256(repr((height, previous, transactions, producer)).encode()).hexdigest()
        self.blocks.append((digest, height, previous, transactions, producer))
        return digest

    def text(self, names):
        return "\n".join("%s %d %d" % (name, self.balances[name], self.nonces[name]) for name in names)


class Pool:
    def __init__(self, ledger, size, price):
        self.ledger = ledger
        self.size = size
        self.price = price
        self.by_hash = {}
        self.by_sender = {}

    def add(self, text):
        tx = json.loads(text)
        if not isinstance(tx, dict):
            raise Refused("no object")
        sender, recipient, amount = tx["from"], tx["to"], tx["amount"]
        price = tx.get("gas_price", self.price)
        own = self.by_sender.setdefault(sender, {})
        nonce = tx.get("nonce", self.ledger.nonces.get(sender, 0) + len(own) + 1)
        if not isinstance(amount, int) or amount <= 0 or sender == recipient:
            raise Refused("amount")
        if price < self.price:
            raise Refused("price")
        if nonce <= self.ledger.nonces.get(sender, 0) or nonce in own:
            raise Refused("nonce")
        if self.ledger.balance(sender) < amount + price * TRANSFER_GAS:
            raise Refused("balance")
        if len(self.by_hash) >= self.size:
            raise Refused("full")
        entry = (sender, recipient, amount, nonce, price)
        digest = hashlib.sha256(json.dumps(entry).encode()).hexdigest()
        if digest in self.by_hash:
            raise Refused("known")
        self.by_hash[digest] = entry
        own[nonce] = entry
        return digest

    def top(self, limit):
        nonces = self.ledger.nonces
        heap = []
        for sender, own in self.by_sender.items():
            entry = own.get(nonces.get(sender, 0) + 1)
            if entry is not None:
                heap.append((-entry[4], sender, entry))
        heapq.heapify(heap)
        found = []
        while heap and len(found) < limit:
            _, sender, entry = heap[0]
            found.append(entry)
            after = self.by_sender[sender].get(entry[3] + 1)
            if after is None:
                heapq.heappop(heap)
            else:
                heapq.heapreplace(heap, (-after[4], sender, after))
        return found


state = {}


def prepare(request):
    """What both sides work on."""
    names, amount = request["names"], int(request["balance"])
    transactions = [(a, b, c, d, e) for a, b, c, d, e in request["transactions"]]
    ledger = Ledger(names, amount)
    pool = Pool(ledger, len(transactions), 0)
    texts = [
        json.dumps({"from": a, "to": b, "amount": c, "nonce": d, "gas_price": e})
        for a, b, c, d, e in transactions
    ]
    state.update(names=names, amount=amount, transactions=transactions, texts=texts, pool=pool)
    for text in texts:
        pool.add(text)
    return {}


def timed(work):
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def transfer():
    """Seconds for all of them, and what everybody has then."""
    ledger = Ledger(state["names"], state["amount"])

    def work():
        for tx in state["transactions"]:
            ledger.execute(tx)

    seconds, _ = timed(work)
    return seconds, len(state["transactions"]), ledger.text(state["names"])


def blocks(size):
    ledger = Ledger(state["names"], state["amount"])
    transactions = state["transactions"]

    def work():
        previous = "first"
        for start in range(0, len(transactions), size):
            chunk = transactions[start : start + size]
            previous = ledger.process(len(ledger.blocks) + 1, previous, chunk, "validator")

    seconds, _ = timed(work)
    return seconds, len(ledger.blocks), ledger.text(state["names"])


def read(least_seconds):
    ledger = Ledger(state["names"], state["amount"])
    names = state["names"]
    calls = 0
    started = time.process_time()
    while True:
        for name in names:
            ledger.balance(name)
        calls += len(names)
        elapsed = time.process_time() - started
        if elapsed >= least_seconds:
            return elapsed, calls, ""


def pool_add():
    pool = Pool(Ledger(state["names"], state["amount"]), len(state["texts"]), 1)

    def work():
        for text in state["texts"]:
            pool.add(text)

    seconds, _ = timed(work)
    return seconds, len(state["texts"]), str(len(pool.by_hash))


def pool_top(limit, least_seconds):
    calls = 0
    started = time.process_time()
    while True:
        found = state["pool"].top(limit)
        calls += 1
        elapsed = time.process_time() - started
        if elapsed >= least_seconds:
            return elapsed, calls, " ".join(str(entry[2]) for entry in found)


def answer(request):
    what = request["what"]
    if what == "prepare":
        return prepare(request)
    least = request.get("leastSeconds", 0)
    if what == "transfer":
        seconds, count, result = transfer()
    elif what == "blocks":
        seconds, count, result = blocks(request["size"])
    elif what == "read":
        seconds, count, result = read(least)
    elif what == "pool-add":
        seconds, count, result = pool_add()
    else:
        seconds, count, result = pool_top(request["limit"], least)
    return {"seconds": seconds, "count": count, "result": result}


def main():
    name = "%s %s" % (platform.python_implementation(), platform.python_version())
    print(json.dumps({"name": name}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


main()
