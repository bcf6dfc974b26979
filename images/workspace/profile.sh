# Debian's /etc/profile sets PATH anew; put the workspace's Python back in front of it.
case ":$PATH:" in
  *:/opt/jupyter/bin:*) ;;
  *) PATH=/opt/jupyter/bin:$PATH ;;
esac

# A person who logs in begins where the files are.
if [ -n "${SSH_TTY:-}" ] && [ "$PWD" = "$HOME" ] && [ -d /workspace ]; then cd /workspace || true; fi
