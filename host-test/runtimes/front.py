"""The server on this machine that the route component sends every request to."""

import contextlib
import http.client
import http.server
import threading
from urllib.parse import urlsplit

NOT_PASSED_ON = {"connection", "content-length", "host", "transfer-encoding"}


class Front:
    """Passes requests for the tenant on to it, and counts those for any other host."""

    def __init__(self):
        self.tenant = None
        self.strays = 0
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                # A runtime that ends does not wait for what it no longer needs.
                with contextlib.suppress(ConnectionError):
                    front.answer(self)

            do_GET = do_POST = handle_any

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        _, scheme, authority, path = request.path.split("/", 3)
        status, headers, answer = 200, [], b"{}"
        if self.tenant and (scheme, authority) == ("https", self.tenant["domain"]):
            status, headers, answer = self.pass_on(request, "/" + path, body)
        else:
            self.strays += 1
        request.send_response_only(status)
        for name, value in headers:
            if name.lower() not in NOT_PASSED_ON:
                request.send_header(name, value)
        request.send_header("content-length", str(len(answer)))
        request.end_headers()
        request.wfile.write(answer)

    def pass_on(self, request, path, body):
        connection = http.client.HTTPConnection(urlsplit(self.tenant["url"]).netloc)
        headers = {n: v for n, v in request.headers.items() if n.lower() not in NOT_PASSED_ON}
        headers["host"] = self.tenant["domain"]
        connection.request(request.command, path, body or None, headers)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        return response.status, response.getheaders(), answer
