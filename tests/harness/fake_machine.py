"""What the engine of fake_docker.py has: containers, images, ports. No call takes time, and every refusal has dockerd's words."""

import io
import itertools
import os
import secrets
import socket
import struct
import tarfile
import time

NEVER = "0001-01-01T00:00:00Z"
FOLDERS = {"/", "/etc", "/root", "/tmp", "/workspace"}  # of every image
KEPT_HOST_CONFIG = {
    "Binds": None, "Devices": None, "AutoRemove": False, "PidMode": "", "NetworkMode": "default", "IpcMode": "private",
    "UTSMode": "", "UsernsMode": "", "VolumesFrom": None, "PublishAllPorts": False,
}


class Refusal(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status
        self.message = message


def now():
    seconds = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1e9):09d}Z"


def has_label(labels, wanted):
    key, equals, value = wanted.partition("=")
    return key in labels and (not equals or labels[key] == value)


class Machine:
    def __init__(self, tell, has_gpus=False, sees_strangers=False):
        """`sees_strangers`: whether a port that another program of this machine listens on is taken."""
        self._tell_all = tell
        self.has_gpus = has_gpus
        self.sees_strangers = sees_strangers
        self.containers = {}
        self.images = {}
        self.id = secrets.token_hex(10)
        self.cpus = os.cpu_count()
        self._pids = itertools.count(4_200_000)  # above any that a machine gives out

    def version(self):
        return {"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12",
                "Components": [{"Name": "runc", "Version": "1.1.5"}]}

    def info(self):
        return {"ID": self.id, "ServerVersion": "20.10.24", "OperatingSystem": "none", "KernelVersion": os.uname().release,
                "CgroupVersion": "1", "NCPU": self.cpus, "MemTotal": 64 * 2**30, "SecurityOptions": []}

    # Containers

    def find(self, name):
        for one in self.containers.values():
            if name in (one["Id"], one["Id"][:12], one["Name"][1:]):
                return one
        raise Refusal(404, f"No such container: {name}")

    def create(self, name, wanted):
        for other in self.containers.values():
            if other["Name"] == f"/{name}":
                raise Refusal(409, f'Conflict. The container name "/{name}" is already in use by container "{other["Id"]}".'
                                   " You have to remove (or rename) that container to be able to reuse that name.")
        image = self.find_image(wanted["Image"])
        host = wanted.get("HostConfig", {})
        if host.get("NanoCpus", 0) > self.cpus * 10**9:
            raise Refusal(400, f"Range of CPUs is from 0.01 to {self.cpus}.00, as there are only {self.cpus} CPUs available")
        for mount in host.get("Mounts", []):
            if not os.path.exists(mount["Source"]):
                raise Refusal(400, 'invalid mount config for type "bind": bind source path does not exist: ' + mount["Source"])
        for limit in host.get("Ulimits", []):
            limit.update({key: limit.pop(key) for key in ("Name", "Hard", "Soft")})  # dockerd's order
        one = {
            "Id": secrets.token_hex(32), "Name": f"/{name}", "Created": now(), "Image": image["Id"],
            "State": {"Status": "created", "Running": False, "Paused": False, "OOMKilled": False, "Dead": False, "Pid": 0,
                      "ExitCode": 0, "Error": "", "StartedAt": NEVER, "FinishedAt": NEVER},
            "Config": {**{k: v for k, v in wanted.items() if k != "HostConfig"},
                       "Labels": {**image["Config"]["Labels"], **wanted.get("Labels", {})}},
            "HostConfig": {**KEPT_HOST_CONFIG, **host},
            "Mounts": [{"Type": "bind", "Source": m["Source"], "Destination": m["Target"], "RW": not m.get("ReadOnly", False)}
                       for m in host.get("Mounts", [])],
        }
        one["files"], one["log"] = {}, []
        self.containers[one["Id"]] = one
        self._tell(one, "create")
        return one["Id"]

    def list(self, labels):
        return [
            {"Id": c["Id"], "Names": [c["Name"]], "State": c["State"]["Status"], "Labels": c["Config"]["Labels"],
             "Image": c["Config"]["Image"], "Mounts": c["Mounts"]}
            for c in self.containers.values() if all(has_label(c["Config"]["Labels"], label) for label in labels)
        ]

    def inspect(self, name, with_size=False):
        one = self.find(name)
        shown = {key: value for key, value in one.items() if key not in ("files", "log")}
        if with_size:
            shown["SizeRw"] = sum(map(len, one["files"].values()))
        return shown

    def start(self, name):
        one = self.find(name)
        if one["State"]["Status"] == "paused":
            raise Refusal(409, "cannot start a paused container, try unpause instead")
        if one["State"]["Running"]:
            return False
        if one["HostConfig"].get("DeviceRequests") and not self.has_gpus:
            raise Refusal(500, 'could not select device driver "nvidia" with capabilities: [[gpu]]')
        self._take_ports(one)
        one["State"].update(Status="running", Running=True, Pid=next(self._pids), ExitCode=0, StartedAt=now())
        one["log"] = [(1, now(), "hello"), (2, now(), "oh")]
        self._tell(one, "start")
        return True

    def _take_ports(self, one):
        held = {port for other in self.containers.values() if other["State"]["Running"] for port in self._ports(other)}
        for ip, port in self._ports(one):
            failed = f"driver failed programming external connectivity on endpoint {one['Name'][1:]}: "
            if (ip, port) in held:
                raise Refusal(500, f"{failed}Bind for {ip}:{port} failed: port is already allocated")
            with socket.socket() as stranger:
                if self.sees_strangers and stranger.connect_ex((ip, port)) == 0:
                    raise Refusal(500, f"{failed}listen tcp4 {ip}:{port}: bind: address already in use")

    @staticmethod
    def _ports(one):
        bindings = one["HostConfig"].get("PortBindings", {}).values()
        return [(place["HostIp"], int(place["HostPort"])) for places in bindings for place in places]

    def stop(self, name):
        one = self.find(name)
        if not one["State"]["Running"]:
            return False
        self._end(one, 143)
        self._tell(one, "stop")
        return True

    def restart(self, name):
        self.stop(name)
        self.start(name)
        self._tell(self.find(name), "restart")
        return True

    def kill(self, name):
        one = self.find(name)
        if not one["State"]["Running"]:
            raise Refusal(409, f"Cannot kill container: {name}: Container {one['Id']} is not running")
        self._end(one, 137)
        return True

    def _end(self, one, code):
        one["State"].update(Status="exited", Running=False, Paused=False, Pid=0, ExitCode=code, FinishedAt=now())
        self._tell(one, "kill")
        self._tell(one, "die", exitCode=str(code))

    def pause(self, name):
        one = self.find(name)
        one["State"].update(Status="paused", Paused=True)
        self._tell(one, "pause")
        return True

    def unpause(self, name):
        one = self.find(name)
        if not one["State"]["Paused"]:
            raise Refusal(500, f"Container {one['Id']} is not paused")
        one["State"].update(Status="running", Paused=False)
        self._tell(one, "unpause")
        return True

    def remove(self, name):
        one = self.find(name)
        if one["State"]["Running"]:
            self._end(one, 137)
        del self.containers[one["Id"]]
        self._tell(one, "destroy")

    def stats(self, name):
        """Memory tells containers apart: as many MiB as the last two digits of the first host port, and one."""
        one = self.find(name)
        if not one["State"]["Running"]:
            return {"memory_stats": {}, "cpu_stats": {"cpu_usage": {"total_usage": 0}}}
        ports = self._ports(one)
        return {"memory_stats": {"usage": ((ports[0][1] % 100 if ports else 0) + 1) * 2**20, "stats": {},
                                 "limit": one["HostConfig"]["Memory"]},
                "cpu_stats": {"cpu_usage": {"total_usage": time.process_time_ns()}}}

    def logs(self, name, tail):
        lines = self.find(name)["log"]
        if tail != "all":
            lines = lines[-int(tail):]
        frames = [(stream, f"{at} {text}\n".encode()) for stream, at, text in lines]
        return b"".join(struct.pack(">BxxxI", stream, len(data)) + data for stream, data in frames)

    def file_changes(self, name):
        return [{"Path": path, "Kind": 1} for path in self.find(name)["files"]]

    def put_archive(self, name, path, tar):
        one = self.find(name)
        if path not in FOLDERS:
            raise Refusal(404, f"Could not find the file {path} in container {name}")
        try:
            with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
                for member in archive.getmembers():
                    if member.isfile():
                        one["files"][os.path.join(path, member.name)] = archive.extractfile(member).read()
        except tarfile.TarError as error:
            raise Refusal(500, f"Error processing tar file: {error}") from None

    def has_file(self, name, path):
        return path in self.find(name)["files"]

    def _tell(self, one, action, **more):
        attributes = {**one["Config"]["Labels"], "image": one["Config"]["Image"], "name": one["Name"][1:], **more}
        self._tell_all({"Type": "container", "Action": action, "Actor": {"ID": one["Id"], "Attributes": attributes},
                        "time": int(time.time())})

    # Images

    def find_image(self, name):
        for image in self.images.values():
            if name == image["Id"] or name in image["RepoTags"] or f"{name}:latest" in image["RepoTags"]:
                return image
        raise Refusal(404, f"No such image: {name}")

    def add_image(self, tag, changes=(), labels=(), parent="", size=2_000_000):
        labels = dict(labels)
        for change in changes:
            if change.startswith("LABEL "):
                key, _, value = change.removeprefix("LABEL ").partition("=")
                labels[key] = value.strip('"')
        image = {"Id": "sha256:" + secrets.token_hex(32), "RepoTags": [], "Parent": parent, "Size": size,
                 "Config": {"Labels": labels}}
        self.images[image["Id"]] = image
        self.tag(image["Id"], tag)
        return image["Id"]

    def commit(self, name, tag, changes):
        one = self.find(name)
        written = sum(map(len, one["files"].values()))
        return self.add_image(tag, changes, one["Config"]["Labels"], one["Image"], self.images[one["Image"]]["Size"] + written)

    def list_images(self, labels):
        return [{"Id": i["Id"], "RepoTags": i["RepoTags"] or None, "Labels": i["Config"]["Labels"], "Size": i["Size"]}
                for i in self.images.values() if all(has_label(i["Config"]["Labels"], label) for label in labels)]

    def inspect_image(self, name):
        return self.find_image(name)

    def tag(self, name, tag):
        image = self.find_image(name)
        for other in self.images.values():
            if tag in other["RepoTags"]:
                other["RepoTags"].remove(tag)
        image["RepoTags"].append(tag)

    def remove_image(self, name, force=False):
        image = self.find_image(name)
        by_tag = name != image["Id"]
        user = next((c for c in self.containers.values() if c["Image"] == image["Id"]), None)
        if by_tag and len(image["RepoTags"]) > 1:
            image["RepoTags"].remove(name)
            return [{"Untagged": name}]
        if user and not force:
            raise Refusal(409, f'conflict: unable to remove repository reference "{name}" (must force) - container '
                               f"{user['Id'][:12]} is using its referenced image {image['Id'][7:19]}")
        if any(other["Parent"] == image["Id"] for other in self.images.values()):
            if not by_tag:
                raise Refusal(409, f"conflict: unable to delete {name} (cannot be forced) - image has dependent child images")
            image["RepoTags"].remove(name)
            return [{"Untagged": name}]
        del self.images[image["Id"]]
        return [{"Deleted": image["Id"]}]
