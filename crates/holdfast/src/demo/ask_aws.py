"""One call to RDS in a customer's account, as the root of that account and past Holdfast and its records. Reads a
document on standard input and writes the answer.

Runs in ministack's virtual environment, which has botocore. A 12-digit access key id is the root of that account.
"""

import json
import sys

import botocore.session

asked = json.load(sys.stdin)
client = botocore.session.get_session().create_client(
    "rds",
    region_name=asked["region"],
    endpoint_url=asked["endpoint"],
    aws_access_key_id=asked["account"],
    aws_secret_access_key="test",
)
answer = getattr(client, asked["operation"])(**asked["parameters"])
json.dump(answer, sys.stdout, default=str)
