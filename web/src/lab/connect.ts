import type { Container } from '@/api/client'

// An IPv6 address wants brackets in a URL, and none after ssh's @.
const inUrl = (ip: string) => (ip.includes(':') ? `[${ip}]` : ip)

export function connectionOf(container: Pick<Container, 'ip' | 'ports'>) {
  const { ip, ports } = container
  return {
    ssh: `ssh root@${ip} -p ${ports.ssh}`,
    jupyter: `http://${inUrl(ip)}:${ports.jupyter}/`,
    tensorboard: `http://${inUrl(ip)}:${ports.tensorboard}/`,
  }
}
