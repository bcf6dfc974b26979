% berth_websocket (PORT) starts the WebSocket service: programs connect to ws://HOST:PORT and send {"id":1,"code":"x=1"}.
function berth_websocket (port = 8889)
  berth_tell (struct ("event", "websocket", "port", port));
endfunction
