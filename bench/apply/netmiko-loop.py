"""Reads configuration lines from stdin and sends each through netmiko; prints `done` after it. argv: port, key file."""
import sys
from netmiko import ConnectHandler

connection = ConnectHandler(
    device_type="cisco_ios", host="127.0.0.1", port=int(sys.argv[1]), username="root",
    use_keys=True, key_file=sys.argv[2], allow_agent=False, fast_cli=True,
)
print("done", flush=True)
for line in sys.stdin:
    connection.send_config_set([line.strip()])
    print("done", flush=True)
connection.disconnect()
