// What the mock shows in a terminal: enough of a shell to type into.
const kSmi = [
  '+-----------------------------------------------------------------------------------------+',
  '| NVIDIA-SMI 560.35.03              Driver Version: 560.35.03      CUDA Version: 12.6     |',
  '|-----------------------------------------+------------------------+----------------------+',
  '| GPU  Name                 Persistence-M | Bus-Id          Disp.A | GPU-Util  Memory-Use |',
  '|   0  NVIDIA RTX A6000                On | 00000000:41:00.0   Off |   87%     38211MiB   |',
  '+-----------------------------------------------------------------------------------------+',
].join('\r\n')

const kCommands = {
  ls: () => '\x1b[1;34mcheckpoints\x1b[0m  \x1b[1;34mdata\x1b[0m  README.md  \x1b[1;32mtrain.py\x1b[0m',
  pwd: () => '/workspace',
  whoami: () => 'root',
  'nvidia-smi': () => kSmi,
  clear: () => '\x1b[2J\x1b[H',
}

export function attachShell(ws, container, size) {
  const prompt = `\x1b[1;36mroot@${container.name}\x1b[0m:\x1b[38;2;240;182;97m/workspace\x1b[0m# `
  let line = ''
  const write = (text) => ws.send(Buffer.from(text), { binary: true })
  const end = () => {
    ws.send(JSON.stringify({ exit: 0 }))
    ws.close(1000)
  }
  const run = (command) => {
    if (command === 'exit') return end()
    if (command === 'stty size') return write(`${size.rows} ${size.cols}\r\n${prompt}`)
    const answer = kCommands[command]?.() ?? (command ? `bash: ${command}: command not found` : '')
    write(`${answer}${answer ? '\r\n' : ''}${prompt}`)
  }
  write(prompt)
  ws.on('message', (data, binary) => {
    if (!binary) {
      size = JSON.parse(data.toString()).resize ?? size
      return
    }
    for (const character of data.toString()) {
      if (character === '\r') {
        write('\r\n')
        run(line.trim())
        line = ''
      } else if (character === '\x7f') {
        if (line) write('\b \b')
        line = line.slice(0, -1)
      } else if (character === '\x04') {
        end()
      } else {
        line += character
        write(character)
      }
    }
  })
}
