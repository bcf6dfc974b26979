"""An image of 2 MB for tests that need a container but no workspace: busybox, a PID 1 that honours TERM, a web page on 8888 and 6006, and an SSH banner on 22.

Every start leaves a line in /workspace/starts or /home/matlab/shared/starts, so that a test can count starts.
"""

import hashlib
import io
import shutil
import subprocess
import tarfile

INIT = """#!/bin/sh
trap 'exit 0' TERM INT
echo "tiny is up"
echo "and complains" >&2
for folder in /workspace /home/matlab/shared; do
  [ -d "$folder" ] && echo started >> "$folder/starts"
done
busybox httpd -p 8888 -h /www
busybox httpd -p 6006 -h /www
busybox nc -ll -p 22 -e /banner &
busybox sleep 2147483647 &
wait
"""

# All that whoever waits for ssh looks at.
BANNER = """#!/bin/sh
echo SSH-2.0-tiny
"""

APPLETS = ["sh", "cat", "ls", "id", "sleep", "touch", "env", "mkdir", "ps", "wc", "true", "grep", "dd"]


def _member(tar, name, data, mode):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mode = mode
    tar.addfile(info, io.BytesIO(data))


def _folder(tar, name):
    info = tarfile.TarInfo(name)
    info.type = tarfile.DIRTYPE
    info.mode = 0o755
    tar.addfile(info)


def _is_static(path):
    told = subprocess.run(["ldd", path], capture_output=True, text=True)
    return "not a dynamic executable" in told.stderr + told.stdout


def tiny_tarball(programs=()):
    """`programs`: (name, text) of what stands in /bin beside busybox."""
    busybox = shutil.which("busybox")
    assert busybox and _is_static(busybox), "the tests need busybox-static (script/test installs it)"
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for folder in ("bin", "etc", "tmp", "www", "root"):
            _folder(tar, folder)
        with open(busybox, "rb") as file:
            _member(tar, "bin/busybox", file.read(), 0o755)
        for applet in APPLETS:
            info = tarfile.TarInfo(f"bin/{applet}")
            info.type = tarfile.SYMTYPE
            info.linkname = "busybox"
            tar.addfile(info)
        _member(tar, "etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n", 0o644)
        for name, text in programs:
            _member(tar, f"bin/{name}", text.encode(), 0o755)
        _member(tar, "init", INIT.encode(), 0o755)
        _member(tar, "banner", BANNER.encode(), 0o755)
        _member(tar, "www/index.html", b"tiny\n", 0o644)
    return out.getvalue()


CHANGES = ['ENTRYPOINT ["/init"]', "ENV PATH=/bin", "EXPOSE 22 8888 6006"]
MATLAB_CHANGES = [*CHANGES, "USER 1000"]  # as whom MATLAB runs, and whose the data folder is


def ensure_broken_image(engine):
    """Reference of an image that can be made a container of, which then cannot be started."""
    tar = tiny_tarball()
    reference = f"berth-test/broken:{hashlib.sha256(tar).hexdigest()[:12]}"
    if not engine.has_image(reference):
        engine.import_image(tar, reference, ['ENTRYPOINT ["/nothing-here"]'])
    return reference


def ensure_tiny_images(engine):
    """References (workspace, MATLAB) on this engine; made once, named by what they hold."""
    tar = tiny_tarball()
    content = hashlib.sha256(tar).hexdigest()[:12]
    references = f"berth-test/tiny:{content}", f"berth-test/tiny-matlab:{content}"
    for reference, changes in zip(references, (CHANGES, MATLAB_CHANGES)):
        if not engine.has_image(reference):
            engine.import_image(tar, reference, changes)
    return references
