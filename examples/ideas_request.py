"""Print the request that sends a CSV file of ideas to the queue: python3 examples/ideas_request.py IDEAS.csv"""

from __future__ import annotations

import json
import sys
from pathlib import Path

content = Path(sys.argv[1]).read_text(encoding="utf-8")
# "permissive" accepts ideas without a script and writes one from the description.
print(json.dumps({"title": "Ideas", "input_source": {"type": "csv", "validation": "permissive", "content": content}}))
