"""A flow of five parallel branches in SpiffWorkflow: run to its end and saved once, durably. Nothing is signed, no form is
checked, nobody is asked for a permission. Prints one line of JSON.

    python3 Tools/bench/spiff_flow.py FOLDER [--seconds S]
"""
import json
import pathlib
import sqlite3
import sys
import time

from importlib.metadata import version

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

PARTIES = ["police", "tax", "bank", "social", "housing"]


def model():
    flows, tasks = [], []
    for party in PARTIES:
        tasks.append(f'<bpmn:manualTask id="{party}" name="{party}"/>')
        flows.append(f'<bpmn:sequenceFlow id="to_{party}" sourceRef="split" targetRef="{party}"/>')
        flows.append(f'<bpmn:sequenceFlow id="from_{party}" sourceRef="{party}" targetRef="join"/>')
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="bench">
<bpmn:process id="opening" isExecutable="true"><bpmn:startEvent id="start"/><bpmn:parallelGateway id="split"/>
{''.join(tasks)}<bpmn:parallelGateway id="join"/><bpmn:endEvent id="end"/>
<bpmn:sequenceFlow id="a" sourceRef="start" targetRef="split"/>{''.join(flows)}
<bpmn:sequenceFlow id="z" sourceRef="join" targetRef="end"/></bpmn:process></bpmn:definitions>"""


def main():
    folder = pathlib.Path(sys.argv[1])
    seconds = float(sys.argv[sys.argv.index("--seconds") + 1]) if "--seconds" in sys.argv else 4.0
    (folder / "flow.bpmn").write_text(model())
    parser = BpmnParser()
    parser.add_bpmn_file(str(folder / "flow.bpmn"))
    spec = parser.get_spec("opening")
    serializer = BpmnWorkflowSerializer()
    base = sqlite3.connect(folder / "flow.sqlite")
    base.execute("PRAGMA journal_mode = WAL")
    base.execute("PRAGMA synchronous = FULL")
    base.execute("CREATE TABLE flow (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")
    count, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        flow = BpmnWorkflow(spec)
        flow.do_engine_steps()
        for task in flow.get_tasks(manual=True):
            task.run()
        flow.do_engine_steps()
        if not flow.is_completed():
            sys.exit("the flow did not end")
        base.execute("INSERT INTO flow (state) VALUES (?)", (serializer.serialize_json(flow),))
        base.commit()
        count += 1
    spent = time.perf_counter() - begun
    if base.execute("SELECT COUNT(*) FROM flow").fetchone()[0] != count:
        sys.exit("a flow is missing")
    print(json.dumps({"version": version("SpiffWorkflow"), "perSecond": round(count / spent, 1)}))


main()
