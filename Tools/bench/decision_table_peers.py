#!/usr/bin/env python3
"""One decision table, three engines: makes the table and times the peers of `suban bench decision-table`.

    decision_table_peers.py generate [--rules 200] [--inputs 10] [--cases 2000] [--seed 1]   > table.json
    decision_table_peers.py run table.json [--seconds 3]

`generate` prints one JSON object: `yaml` (the table as Suban reads it), `columns`, `rules` (cells as data), and
`cases` (inputs with the row that answers them; every row is hit equally often). `run` builds the same table for
zen-engine (its own JSON format, hit policy first: the table is UNIQUE, so first is the same and cheaper) and for
SpiffWorkflow's DMN engine (UNIQUE), checks every engine's answers against the expected row, and prints one JSON
object of decisions per second, one process and one thread each, the inputs ready in memory.

Needs `pip install zen-engine==2.1.3 SpiffWorkflow==3.2.0` for `run`; `generate` needs nothing.
"""
import argparse
import importlib.metadata
import json
import random
import sys
import time

WORDS = ["有限责任公司", "个体工商户", "股份有限公司", "合伙企业", "个人独资企业", "分公司", "农民专业合作社", "外商投资企业",
         "全民所有制企业", "集体所有制企业"]


def generate(rules, inputs, cases, seed):
    """Odd columns hold texts, even ones numbers. Column 0 (a band of numbers) and column 1 (a word) tell the rows
    apart; the others accept their own row's value and some of the other rows' values, or anything."""
    rng = random.Random(seed)
    columns = [{"name": f"{'s' if i % 2 else 'n'}{i}", "type": "string" if i % 2 else "number"} for i in range(inputs)]
    table = []
    for row in range(rules):
        band, word = divmod(row, len(WORDS))
        cells = [{"op": "range", "low": band * 100, "high": (band + 1) * 100}, {"op": "in", "values": [WORDS[word]]}]
        for i in range(2, inputs):
            kind = rng.random()
            if kind < 0.15:
                cells.append({"op": "any"})
            elif i % 2:
                count = 1 if kind < 0.6 else rng.randint(2, 4)
                cells.append({"op": "in", "values": [f"值{v:02d}" for v in rng.sample(range(40), count)]})
            elif kind < 0.5:
                low = rng.randrange(0, 9000)
                cells.append({"op": "range", "low": low, "high": low + rng.randrange(10, 1000)})
            elif kind < 0.75:
                cells.append({"op": ">=", "value": rng.randrange(0, 9000)})
            else:
                cells.append({"op": "<", "value": rng.randrange(1, 9000) + 0.5})
        table.append({"id": f"row-{row:03d}", "cells": cells})
    made = []
    for number in range(cases):
        rule = table[number % rules]
        made.append({"row": rule["id"], "input": {c["name"]: sample(rng, cell, c["type"])
                                                   for c, cell in zip(columns, rule["cells"])}})
    rng.shuffle(made)
    return {"columns": columns, "rules": table, "cases": made, "yaml": yaml(columns, table)}


def sample(rng, cell, kind):
    if cell["op"] == "any":
        return f"值{rng.randrange(40):02d}" if kind == "string" else rng.randrange(0, 10000)
    if cell["op"] == "in":
        return rng.choice(cell["values"])
    if cell["op"] == "range":
        return rng.randrange(cell["low"], cell["high"])
    if cell["op"] == ">=":
        return cell["value"] + rng.randrange(0, 500)
    return rng.randrange(0, int(cell["value"]) + 1)


def quoted(text):
    return '"' + text + '"'


def feel(cell):
    op = cell["op"]
    if op == "any":
        return "-"
    if op == "in":
        return ", ".join(quoted(v) for v in cell["values"])
    if op == "range":
        return f"[{cell['low']}..{cell['high']})"
    return f"{op} {cell['value']}"


def yaml(columns, table):
    lines = ["table: bench", "hit: UNIQUE", "inputs:"]
    lines += [f"  - {{name: {c['name']}, type: {c['type']}}}" for c in columns]
    lines += ["outputs:", "  - {name: answer}", "rows:"]
    for rule in table:
        cells = ", ".join("'" + feel(cell) + "'" for cell in rule["cells"])
        lines.append(f"  - {{id: {rule['id']}, when: [{cells}], then: ['{quoted(rule['id'])}']}}")
    return "\n".join(lines) + "\n"


def timed(decide, cases, seconds):
    """Decisions per second of processor time, so that a busy machine does not count against anybody. Every answer of
    the first round is checked."""
    checked = min(len(cases), 200)
    for case in cases[:checked]:
        answer = decide(case["input"])
        if answer != case["row"]:
            raise SystemExit(f"wrong answer {answer!r} for {case}")
    count = 0
    start = time.process_time()
    while True:
        for case in cases[:checked]:
            decide(case["input"])
        count += checked
        spent = time.process_time() - start
        if spent >= seconds:
            return {"perSecond": count / spent, "decisions": count, "seconds": spent, "checked": checked}


def zen(data, seconds):
    import zen as engine
    columns = data["columns"]
    rules = []
    for rule in data["rules"]:
        entry = {"_id": rule["id"], "o": quoted(rule["id"])}
        for column, cell in zip(columns, rule["cells"]):
            entry[column["name"]] = "" if cell["op"] == "any" else feel(cell)
        rules.append(entry)
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": c["name"], "name": c["name"], "type": "expression", "field": c["name"]} for c in columns],
        "outputs": [{"id": "o", "name": "answer", "type": "expression", "field": "answer"}],
        "rules": rules,
    }
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
            {"id": "table", "type": "decisionTableNode", "name": "table", "content": content,
             "position": {"x": 1, "y": 0}},
            {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "b", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }
    # Its content is parsed once, which is its faster way.
    decision = engine.ZenEngine().create_decision(engine.ZenDecisionContent(json.dumps(graph)))
    return timed(lambda values: decision.evaluate(values)["result"]["answer"], data["cases"], seconds)


def python_cell(cell):
    op = cell["op"]
    if op == "any":
        return None
    if op == "in":
        values = cell["values"]
        return quoted(values[0]) if len(values) == 1 else "? in (" + ", ".join(map(quoted, values)) + ")"
    if op == "range":
        return f"{cell['low']} <= ? < {cell['high']}"
    return f"{op} {cell['value']}"


def spiff(data, seconds):
    from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
    from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
    from SpiffWorkflow.dmn.specs import model

    table = model.DecisionTable("bench", "bench", model.HitPolicy.UNIQUE.value)
    output = model.Output("answer", "answer", "answer", "string")
    table.outputs = [output]
    table.inputs = [model.Input(c["name"], c["name"], c["name"], c["name"], c["type"]) for c in data["columns"]]
    for number, written in enumerate(data["rules"]):
        rule = model.Rule(written["id"])
        rule.row_number = number + 1
        for column, cell in zip(table.inputs, written["cells"]):
            entry = model.InputEntry(f"{written['id']}-{column.id}", column)
            entry.lhs.append(python_cell(cell))
            rule.inputEntries.append(entry)
        result = model.OutputEntry(written["id"], output)
        result.text = quoted(written["id"])
        rule.outputEntries.append(result)
        table.rules.append(rule)

    class Workflow:
        script_engine = PythonScriptEngine()

    class Task:
        workflow = Workflow()
        data = {}

    engine = DMNEngine(table)
    task = Task()

    def decide(values):
        task.data = dict(values)
        return engine.result(task)["answer"]

    return timed(decide, data["cases"], seconds)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("generate")
    make.add_argument("--rules", type=int, default=200)
    make.add_argument("--inputs", type=int, default=10)
    make.add_argument("--cases", type=int, default=2000)
    make.add_argument("--seed", type=int, default=1)
    run = commands.add_parser("run")
    run.add_argument("file")
    run.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    if options.command == "generate":
        made = generate(options.rules, options.inputs, options.cases, options.seed)
        json.dump(made, sys.stdout, ensure_ascii=False)
        return
    with open(options.file, encoding="utf-8") as file:
        data = json.load(file)
    answers = {"zen-engine": zen(data, options.seconds), "SpiffWorkflow": spiff(data, options.seconds)}
    for name, answer in answers.items():
        answer["version"] = importlib.metadata.version(name)
    json.dump(answers, sys.stdout)
    print()


if __name__ == "__main__":
    main()
