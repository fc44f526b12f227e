"""A small Flask service with a database, a call to another service, logs and now and then an exception.

It exists to be recorded (main.ts): what OpenTelemetry's own Python instrumentations send is what Firstfix must take.
"""
import logging
import random
import sqlite3
import sys

import requests
from flask import Flask, jsonify, request

app = Flask(__name__)
log = logging.getLogger("warehouse")
log.setLevel(logging.INFO)
logging.getLogger("werkzeug").setLevel(logging.ERROR)
PORT = int(sys.argv[1])
SKUS = [f"sku-{number:04d}" for number in range(400)]


def database():
    connection = sqlite3.connect("file:stock?mode=memory&cache=shared", uri=True)
    connection.execute("CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, pieces INTEGER)")
    return connection


KEPT = database()
KEPT.executemany("INSERT OR REPLACE INTO stock VALUES (?, ?)", [(sku, random.randint(0, 500)) for sku in SKUS])
KEPT.commit()


@app.get("/stock/<sku>")
def stock(sku):
    row = database().cursor().execute("SELECT pieces FROM stock WHERE sku = ?", (sku,)).fetchone()
    if row is None:
        log.warning("unknown article %s", sku)
        return jsonify(error="unknown article"), 404
    return jsonify(sku=sku, pieces=row[0])


@app.post("/reservations")
def reserve():
    order, sku, pieces = request.json["order"], request.json["sku"], request.json["pieces"]
    answer = requests.get(f"http://127.0.0.1:{PORT}/stock/{sku}", timeout=2)
    if answer.status_code != 200:
        raise LookupError(f"no article {sku} for order {order}")
    left = answer.json()["pieces"] - pieces
    if left < 0:
        log.error("short of %s: order %s wants %d, %d are there", sku, order, pieces, answer.json()["pieces"])
        return jsonify(error="not enough"), 409
    connection = database()
    connection.cursor().execute("UPDATE stock SET pieces = ? WHERE sku = ?", (left, sku))
    connection.rollback()
    log.info("reserved %d of %s for order %s", pieces, sku, order)
    return jsonify(left=left), 201


app.run(port=PORT, threaded=True)
