"""Jupyter's settings, for JupyterLab (jupyter-server 2) and for Debian's Jupyter Notebook 6 alike."""

import importlib.util
import pathlib

c = get_config()  # noqa: F821 - given by Jupyter

password_hash = pathlib.Path("/etc/berth/jupyter.hash").read_text().strip()

if importlib.util.find_spec("jupyterlab"):
    app = c.ServerApp
    app.root_dir = "/workspace"
    c.PasswordIdentityProvider.hashed_password = password_hash
    c.IdentityProvider.token = ""
else:
    app = c.NotebookApp
    app.notebook_dir = "/workspace"
    app.password = password_hash
    app.token = ""

app.ip = "0.0.0.0"
app.port = 8888
app.port_retries = 0
app.open_browser = False
app.allow_root = True
app.allow_remote_access = True
app.quit_button = False
app.terminado_settings = {"shell_command": ["/bin/bash", "-l"]}
c.Application.log_level = "WARN"
