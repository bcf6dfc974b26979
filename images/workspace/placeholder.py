"""The page on TensorBoard's port while TensorBoard is not installed. It ends as soon as it is; the supervisor then
starts the real one."""

import http.server
import os
import shutil
import threading
import time

PAGE = """<!doctype html>
<meta charset="utf-8"><meta http-equiv="refresh" content="5">
<title>TensorBoard is not installed</title>
<style>body { font: 16px/1.6 system-ui, sans-serif; max-width: 40em; margin: 4em auto; padding: 0 1em }</style>
<h1>TensorBoard is not installed</h1>
<p>This image was made where PyPI could not be reached. <code>pip install tensorboard</code> in a terminal of this
workspace installs it; this page then turns into TensorBoard within ten seconds. It shows <code>/workspace/runs</code>.
<p lang="zh">构建此镜像时无法访问 PyPI，因此没有 TensorBoard。在本工作区的终端里执行 <code>pip install tensorboard</code>，
十秒之内此页就会变成 TensorBoard，显示 <code>/workspace/runs</code> 里的内容。
""".encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


def leave_when_installed():
    while not shutil.which("tensorboard"):
        time.sleep(2)
    os._exit(0)


threading.Thread(target=leave_when_installed, daemon=True).start()
http.server.ThreadingHTTPServer(("0.0.0.0", 6006), Handler).serve_forever()
