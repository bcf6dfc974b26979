% Runs when your session starts. Add what you like: paths, variables, functions of your own.

% Starts the WebSocket service, through which programs use this session. Leave it in.
berth_websocket(8889);
