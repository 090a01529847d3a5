"""The node, played by zeep: zeep_node.py WSDL ADDRESS HEADER VALUE < calls.json > answers.json

A call is {"operation", "arguments"}; an answer {"outcome"}: OK, the fault's code, or what zeep says of an
answer that it can't read. zeep builds requests from the WSDL and reads answers by it, strictly.
"""

import base64
import json
import sys

import requests
import zeep
import zeep.exceptions
import zeep.transports

wsdl, address, header, value = sys.argv[1:]
session = requests.Session()
session.trust_env = False
session.headers[header] = value
client = zeep.Client(wsdl, transport=zeep.transports.Transport(session=session))
service = client.create_service("{http://pagopa-api.pagopa.gov.it/paForNode}paForNodeBinding", address)

answers = []
for call in json.load(sys.stdin):
    arguments = call["arguments"]
    if "datiSpecificiServizioRequest" in arguments:
        arguments["datiSpecificiServizioRequest"] = base64.b64decode(arguments["datiSpecificiServizioRequest"])
    try:
        answer = service[call["operation"]](**arguments)
    except zeep.exceptions.Error as error:
        answers.append({"outcome": f"{type(error).__name__}: {error}"})
        continue
    fault = getattr(answer, "fault", None)
    answers.append({"outcome": answer.outcome if fault is None else fault.faultCode})
json.dump(answers, sys.stdout)
