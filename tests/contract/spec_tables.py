"""The two specifications (spec/platform-api.md, spec/matlab-api.md) as shapes of answers."""

import re

from harness.shapes import either

PASSWD = re.compile(r"[A-Za-z0-9]{16}")
PERCENT = re.compile(r"\d+\.\d{2}%")
MEMORY = re.compile(r"[\d.]+(B|KiB|MiB|GiB) / [\d.]+(B|KiB|MiB|GiB)")
ISO_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
LOCAL_TIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
HEALTH_WORD = either("healthy", "unhealthy")

DONE = {"status": 0}


def refused(error, **more):
    return {"status": -1, "error": error, **more}


NOT_LOGGED_IN = refused("not logged in")
WRONG_LOGIN = refused("Invalid username or password")
TAKEN = refused("Username or email already exists")
NO_CONTAINER = refused("no container or not authorized to visit")
NO_IMAGE = refused("no image or not authorized to visit image")
NOT_REMOVABLE = refused("no image or not authorized to remove")
IMAGE_IN_USE = refused("some containers is based on the image, unable to remove image")
NOT_ENOUGH = refused("cpu or memory not enough")
ALREADY_RUNNING = refused("container already running")
ALREADY_STOPPED = refused("container already stopped")
NO_DEVICE = refused("no device")


def gpu_not_available(gid):
    return refused(f"gpu {gid} not available")


CREATED = {"status": 0, "cid": int, "passwd": PASSWD, "portssh": int, "portjupyter": int, "porttsb": int}
CONTAINER_LIST = {"status": 0, "cid": [int]}
CONTAINER_STATUS = {"status": 0, "result": either("running", "stopped")}
CONTAINER_PROPERTY = {
    "status": 0, "name": str, "cpu": int, "memory": int, "portssh": int, "portjupyter": int, "porttsb": int,
    "passwd": PASSWD, "ip": str, "cpu_name": str, "gpu_type": str,
}
DEVICE_LIST = {"status": 0, "did": [int]}
DEVICE_PROPERTY = {
    "status": 0, "total_cpu": int, "used_cpu": int, "cpu_name": str, "total_memory": int, "used_memory": int,
    "gpus": [{"gid": int, "gpu_type": str}], "gpu_used": [[int]], "ip": str,
}
IMAGE_LIST = {"status": 0, "iid": [int]}
IMAGES_ON = {"status": 0, "images": [{"iid": int, "name": str, "User": str, "public": bool}]}
IMAGE_PROPERTY = {"status": 0, "did": int, "name": str, "public": bool, "user": str, "size": int}
IMAGE_SAVED = {"status": 0, "iid": int}

SERVICE_INFO = {
    "service": "MATLAB Container Manager",
    "version": "1.0",
    "architecture": "One container, one MATLAB session",
    "websocket_service": "Auto-started via startup.m",
    "endpoints": {
        "POST /create": "Create a new container (WebSocket auto-starts)",
        "POST /destroy/<container_id>": "Destroy a container",
        "GET /health/<container_id>": "Health check for a container",
        "GET /list": "List all containers",
        "POST /restart/<container_id>": "Restart a container",
    },
}
INVALID_USER_ID = {"error": "Invalid user_id. Must be between 1 and 100"}
INVALID_CONTAINER_ID = {"error": "Invalid container_id format"}


def matlab_created(user_id, status="running", message="Container created successfully"):
    return {
        "container_id": f"matlab-user-{user_id}", "http_port": 30000 + user_id, "ws_port": 31000 + user_id,
        "status": status, "message": message,
    }


def already_running(user_id):
    return matlab_created(user_id, "already_running", "Container is already running")


def started_again(user_id):
    return matlab_created(user_id, "running", "Container started successfully")


def destroyed(user_id):
    return {"message": "Container destroyed successfully", "container_id": f"matlab-user-{user_id}"}


def destroyed_nothing(user_id):
    return {"message": "Container not found", "container_id": f"matlab-user-{user_id}"}


def not_found(user_id):
    return {"error": "Container not found", "container_id": f"matlab-user-{user_id}"}


def restarted(user_id):
    return {"message": "Container restarted successfully", "container_id": f"matlab-user-{user_id}"}


def healthy(user_id, web=HEALTH_WORD, websocket=HEALTH_WORD):
    return {
        "container_id": f"matlab-user-{user_id}", "status": "running", "started_at": ISO_TIME,
        "cpu_usage": PERCENT, "memory_usage": MEMORY, "memory_percent": PERCENT,
        "web_service": web, "websocket_service": websocket,
        "http_port": 30000 + user_id, "ws_port": 31000 + user_id,
    }


def stopped(user_id):
    return {"container_id": f"matlab-user-{user_id}", "status": "stopped", "started_at": ISO_TIME}


def listed(user_id, status=str):
    return {
        "container_id": f"matlab-user-{user_id}", "user_id": user_id, "status": status, "created": LOCAL_TIME,
        "http_port": 30000 + user_id, "ws_port": 31000 + user_id,
    }
