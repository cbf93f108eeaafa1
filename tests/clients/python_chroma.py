"""Chroma's client for Python against a node: python_chroma.py PORT"""

import asyncio
import sys

import chromadb
import numpy as np
from chromadb.config import Settings
from chromadb.errors import ChromaError, InvalidArgumentError, NotFoundError
from python_checks import expect, refused, run_checks

port = int(sys.argv[1])
settings = Settings(anonymized_telemetry=False)


def connect(**place):
    return chromadb.HttpClient(host="127.0.0.1", port=port, settings=settings, **place)


client = connect()


def collection(name, **options):
    return client.create_collection(name, embedding_function=None, **options)


def filled(name, **options):
    notes = collection(name, **options)
    notes.add(
        ids=["east", "north", "both"],
        embeddings=np.array([[1, 0], [0, 1], [1, 1]], dtype=np.float32),
        documents=["sun rises", "moss grows", "sun and moss"],
        metadatas=[{"n": 1, "f": 1.0, "t": True}, {"n": 2, "f": 2.5, "t": False}, {"n": 3, "s": "x"}],
        uris=["u1", "u2", "u3"],
    )
    return notes


def is_alive():
    expect(client.heartbeat() > 0, True)
    expect(client.get_max_batch_size() > 1_000, True)
    expect(isinstance(client.get_version(), str), True)


def keeps_collections():
    made = collection("made", metadata={"a": 1, "big": 2**62 + 1, "f": 1.0})
    expect(made.metadata, {"a": 1, "big": 2**62 + 1, "f": 1.0})
    expect(type(made.metadata["f"]), float)
    expect(client.get_collection("made", embedding_function=None).id, made.id)
    expect(client.get_or_create_collection("made", embedding_function=None).id, made.id)
    made.modify(name="renamed", metadata={"k": "v"})
    expect(client.get_collection("renamed", embedding_function=None).metadata, {"k": "v"})
    expect("renamed" in [each.name for each in client.list_collections()], True)
    before = client.count_collections()
    client.delete_collection("renamed")
    expect(client.count_collections(), before - 1)


def keeps_records():
    notes = filled("records")
    everything = notes.get(include=["embeddings", "documents", "metadatas", "uris"])
    expect(everything["ids"], ["east", "north", "both"])
    expect(everything["embeddings"].tolist(), [[1, 0], [0, 1], [1, 1]])
    expect(everything["uris"], ["u1", "u2", "u3"])
    kept = everything["metadatas"][0]
    expect((kept, type(kept["n"]), type(kept["f"])), ({"n": 1, "f": 1.0, "t": True}, int, float))
    notes.update(ids=["east"], metadatas=[{"n": None, "new": 2**63 - 1}])
    expect(notes.get(ids=["east"])["metadatas"][0], {"f": 1.0, "t": True, "new": 2**63 - 1})
    notes.upsert(ids=["east", "last"], embeddings=[[5, 5], [6, 6]], documents=["changed", "new"])
    expect(notes.get(limit=2, offset=2)["ids"], ["both", "last"])
    expect(notes.peek(1)["ids"], ["east"])
    notes.delete(where={"n": 2})
    notes.delete(ids=["last"])
    expect((notes.count(), notes.get()["ids"]), (2, ["east", "both"]))


def finds_the_nearest():
    for space, distances in [("l2", [0.0, 1.0, 2.0]), ("cosine", [0.0, 1 - 0.5**0.5, 1.0])]:
        notes = filled(f"nearest-{space}", metadata={"hnsw:space": space})
        found = notes.query(query_embeddings=[[1, 0], [0, 1]], n_results=3)
        expect(found["ids"], [["east", "both", "north"], ["north", "both", "east"]])
        if not np.allclose(found["distances"][0], distances, atol=1e-6):
            raise AssertionError(found["distances"])


def filters():
    notes = filled("filtered")

    def ids(**conditions):
        return notes.get(**conditions)["ids"]

    expect(ids(where={"n": {"$gte": 2}}), ["north", "both"])
    expect(ids(where={"$or": [{"t": True}, {"s": {"$in": ["x", "y"]}}]}), ["east", "both"])
    expect(ids(where={"f": {"$lt": 2.0}}), ["east"])
    expect(ids(where_document={"$contains": "moss"}), ["north", "both"])
    expect(ids(where_document={"$regex": "^sun"}), ["east", "both"])
    found = notes.query(
        query_embeddings=np.array([[1, 0]]), n_results=5, where={"n": 2}, where_document={"$contains": "moss"}
    )
    expect(found["ids"], [["north"]])


def has_errors_of_its_own_classes():
    notes = filled("errors")
    refused(ChromaError, "already exists", lambda: collection("errors"))
    refused(NotFoundError, "none", lambda: client.get_collection("none"))
    refused(InvalidArgumentError, "dimension of 2, got 3", lambda: notes.add(ids=["z"], embeddings=[[1, 2, 3]]))
    refused(InvalidArgumentError, "got 3", lambda: notes.query(query_embeddings=[[1, 2, 3]]))
    refused(InvalidArgumentError, "(", lambda: notes.get(where_document={"$regex": "("}))
    refused(ValueError, "$foo", lambda: notes.get(where={"a": {"$foo": 1}}))
    expect(notes.count(), 3)


def keeps_tenants_apart():
    admin = chromadb.AdminClient(
        Settings(
            chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host="127.0.0.1",
            chroma_server_http_port=port,
            anonymized_telemetry=False,
        )
    )
    admin.create_tenant("birds")
    admin.create_database("sea", "birds")
    apart = connect(tenant="birds", database="sea")
    expect(apart.list_collections(), [])
    apart.create_collection("gulls", embedding_function=None)
    expect("gulls" in [each.name for each in client.list_collections()], False)
    admin.delete_database("sea", "birds")
    refused(NotFoundError, "sea", lambda: connect(tenant="birds", database="sea"))


async def works_asynchronously():
    remote = await chromadb.AsyncHttpClient(host="127.0.0.1", port=port, settings=settings)
    notes = await remote.create_collection("parallel", embedding_function=None)
    parts = [
        notes.add(ids=[f"{part}-{row}" for row in range(50)], embeddings=np.eye(50) * (part + 1))
        for part in range(8)
    ]
    await asyncio.gather(*parts)
    expect(await notes.count(), 400)
    found = await notes.query(query_embeddings=[np.eye(50)[3].tolist()], n_results=1)
    expect(found["ids"], [["0-3"]])


def takes_a_large_batch():
    notes = collection("large")
    rows = np.random.default_rng(7).standard_normal((2_000, 384)).astype(np.float32)
    notes.add(ids=[str(row) for row in range(len(rows))], embeddings=rows)
    expect(notes.count(), 2_000)
    kept = notes.get(ids=["1234"], include=["embeddings"])["embeddings"]
    expect(np.array_equal(np.asarray(kept[0], dtype=np.float32), rows[1234]), True)
    exact = ((rows - rows[17]) ** 2).sum(axis=1).argsort()[:5]
    found = notes.query(query_embeddings=rows[17:18], n_results=5)
    expect(found["ids"][0], [str(row) for row in exact])


run_checks(
    [
        is_alive,
        keeps_collections,
        keeps_records,
        finds_the_nearest,
        filters,
        has_errors_of_its_own_classes,
        keeps_tenants_apart,
        works_asynchronously,
        takes_a_large_batch,
    ]
)
