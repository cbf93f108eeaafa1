"""web3.py against a node: python_web3.py URL WEBSOCKET_URL ARTIFACT"""

import asyncio
import json
import sys

from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from python_checks import expect, refused, run_checks
from web3 import AsyncHTTPProvider, AsyncWeb3, Web3, WebSocketProvider
from web3.exceptions import (
    BlockNotFound,
    ContractLogicError,
    TransactionNotFound,
    Web3RPCError,
)
from web3.middleware import SignAndSendRawMiddlewareBuilder

url, socket_url, artifact_path = sys.argv[1:]
w3 = Web3(Web3.HTTPProvider(url))
alice, bob, carol = w3.eth.accounts[:3]
nobody = "0x00000000000000000000000000000000000A11cE"
# The first account of the words that every development node has.
alice_key = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"

with open(artifact_path, encoding="utf-8") as file:
    artifact = json.load(file)


def mined(transaction_hash):
    receipt = w3.eth.wait_for_transaction_receipt(transaction_hash)
    expect(receipt.status, 1)
    return receipt


def deployed(supply):
    contract = w3.eth.contract(abi=artifact["abi"], bytecode=artifact["bytecode"])
    receipt = mined(contract.constructor(supply).transact({"from": alice}))
    return w3.eth.contract(address=receipt.contractAddress, abi=artifact["abi"])


def describes_the_chain():
    expect(w3.is_connected(), True)
    expect(w3.eth.chain_id, 31337)
    expect(w3.net.version, "31337")
    expect(w3.client_version.startswith("anvil-compatible-lucerna/v"), True)
    expect(w3.eth.syncing, False)
    expect(len(w3.eth.accounts), 10)
    expect(w3.eth.get_block("earliest").number, 0)
    expect(w3.eth.fee_history(4, "latest", [50]).oldestBlock, 0)


def sends_every_type_of_transaction():
    fees = {"gasPrice": 3 * 10**9}, {"maxFeePerGas": 3 * 10**9, "maxPriorityFeePerGas": 10**9}
    for fee in [fees[0], {**fees[0], "accessList": []}, fees[1], {}]:
        before = w3.eth.get_balance(bob)
        receipt = mined(w3.eth.send_transaction({"from": alice, "to": bob, "value": 5, **fee}))
        expect(w3.eth.get_balance(bob) - before, 5)
        sent = w3.eth.get_transaction(receipt.transactionHash)
        block = w3.eth.get_block(receipt.blockNumber, full_transactions=True)
        expect(block.transactions, [sent])
        expect((sent["from"], sent.to, sent.value), (alice, bob, 5))


def signs_here():
    account = Account.from_key(alice_key)
    expect(account.address, alice)
    signing = Web3(Web3.HTTPProvider(url))
    signing.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(account), layer=0)
    receipt = mined(signing.eth.send_transaction({"from": alice, "to": nobody, "value": 3}))
    expect(receipt["from"], alice)
    expect(w3.eth.get_balance(nobody), 3)


def signs_messages_as_the_node_does():
    text = encode_defunct(text="lucerna")
    ours = Account.sign_message(text, alice_key).signature
    expect(w3.eth.sign(alice, text="lucerna"), ours)
    typed = {
        "types": {
            "EIP712Domain": [{"name": "name", "type": "string"}],
            "Mail": [{"name": "to", "type": "address"}, {"name": "words", "type": "string[]"}],
        },
        "primaryType": "Mail",
        "domain": {"name": "post"},
        "message": {"to": bob, "words": ["a", "b"]},
    }
    local = Account.sign_message(encode_typed_data(full_message=typed), alice_key).signature
    expect(w3.eth.sign_typed_data(alice, typed), local)


def uses_contracts():
    token = deployed(1_000)
    expect(token.functions.name().call(), "Lucerna Quickstart")
    expect(token.functions.balanceOf(alice).call(), 1_000)
    transfer = token.functions.transfer(bob, 30)
    expect(transfer.call({"from": alice}), True)
    estimate = transfer.estimate_gas({"from": alice})
    receipt = mined(transfer.transact({"from": alice}))
    expect(receipt.gasUsed <= estimate, True)
    (event,) = token.events.Transfer().process_receipt(receipt)
    expect(dict(event.args), {"from": alice, "to": bob, "value": 30})
    expect(token.functions.balanceOf(alice).call(block_identifier=receipt.blockNumber - 1), 1_000)
    token.functions.transfer(carol, 7).transact({"from": bob})
    values = [log.args.value for log in token.events.Transfer().get_logs(from_block=0)]
    expect(values, [1_000, 30, 7])
    to_carol = token.events.Transfer().get_logs(from_block=0, argument_filters={"to": carol})
    expect([log.args["from"] for log in to_carol], [bob])


def follows_filters():
    token = deployed(50)
    transfers = token.events.Transfer.create_filter(from_block="latest")
    blocks = w3.eth.filter("latest")
    receipt = mined(token.functions.transfer(bob, 2).transact({"from": alice}))
    expect([log.args.value for log in transfers.get_new_entries()], [2])
    expect(blocks.get_new_entries(), [receipt.blockHash])
    expect(transfers.get_new_entries(), [])
    expect(w3.eth.uninstall_filter(blocks.filter_id), True)


def has_errors_of_its_own_classes():
    token = deployed(1)
    words = "Token: insufficient balance"
    refused(ContractLogicError, words, token.functions.transfer(bob, 2).call)
    refused(ContractLogicError, words, lambda: token.functions.transfer(bob, 2).transact({"from": bob}))
    try:
        token.functions.transfer(bob, 2).call()
    except ContractLogicError as error:
        expect(error.message, "execution reverted: " + words)
        # Error(string), the reason behind it
        expect(error.data[:10], "0x08c379a0")
    unknown = "0x" + "ab" * 32
    refused(TransactionNotFound, unknown, lambda: w3.eth.get_transaction(unknown))
    refused(TransactionNotFound, unknown, lambda: w3.eth.get_transaction_receipt(unknown))
    refused(BlockNotFound, "", lambda: w3.eth.get_block(10**9))
    low = {"from": alice, "to": bob, "value": 1, "nonce": 0}
    refused(Web3RPCError, "nonce too low", lambda: w3.eth.send_transaction(low))
    poor = {"from": bob, "to": alice, "value": 10**30}
    refused(Web3RPCError, "insufficient funds", lambda: w3.eth.send_transaction(poor))


def reads_proofs_and_storage():
    block = w3.eth.get_block("latest")
    proof = w3.eth.get_proof(alice, [0], block.number)
    expect(proof.address, alice)
    expect(proof.balance, w3.eth.get_balance(alice))
    # The root of the trie is the hash of the first node of every proof.
    expect(Web3.keccak(proof.accountProof[0]), block.stateRoot)
    expect(w3.eth.get_storage_at(alice, 0), bytes(32))


def asks_in_batches():
    with w3.batch_requests() as batch:
        for address in (alice, nobody):
            batch.add(w3.eth.get_transaction_count(address))
        batch.add(w3.eth.get_block(0))
        counts = batch.execute()
    expect(counts[1], 0)
    expect(counts[2].number, 0)
    expect(counts[0], w3.eth.get_transaction_count(alice))


async def works_asynchronously():
    remote = AsyncWeb3(AsyncHTTPProvider(url))
    first = await remote.eth.get_transaction_count(alice)
    transfers = [{"from": alice, "to": bob, "value": 1, "nonce": first + i} for i in range(8)]
    hashes = await asyncio.gather(*map(remote.eth.send_transaction, transfers))
    receipts = await asyncio.gather(*map(remote.eth.wait_for_transaction_receipt, hashes))
    expect({receipt.status for receipt in receipts}, {1})
    expect(await remote.eth.get_transaction_count(alice), first + 8)
    await remote.provider.disconnect()


async def is_told_by_websocket():
    token = deployed(9)
    async with AsyncWeb3(WebSocketProvider(socket_url)) as remote:
        heads = await remote.eth.subscribe("newHeads")
        logs = await remote.eth.subscribe("logs", {"address": token.address})
        sent = await remote.eth.send_transaction(
            {
                "from": alice,
                "to": token.address,
                "data": token.encode_abi("transfer", args=[bob, 4]),
            }
        )
        told = {}
        async for message in remote.socket.process_subscriptions():
            told[message["subscription"]] = message["result"]
            if len(told) == 2:
                break
        receipt = await remote.eth.wait_for_transaction_receipt(sent)
        expect(told[heads]["hash"], receipt.blockHash)
        expect(told[logs]["transactionHash"], sent)
        expect(await remote.eth.unsubscribe(heads), True)


run_checks(
    [
        describes_the_chain,
        sends_every_type_of_transaction,
        signs_here,
        signs_messages_as_the_node_does,
        uses_contracts,
        follows_filters,
        has_errors_of_its_own_classes,
        reads_proofs_and_storage,
        asks_in_batches,
        works_asynchronously,
        is_told_by_websocket,
    ]
)
