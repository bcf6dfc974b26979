function berth_websocket(port)
%BERTH_WEBSOCKET Starts the WebSocket service on PORT (8889 where none is given).
%   MATLAB connects to the bridge beside it in the container, which opens the port. Programs then connect to
%   ws://HOST:PORT and send {"id":1,"code":"x=1"}.

    if nargin < 1
        port = 8889;
    end
    persistent link %#ok<PUSE> closing the last handle would close the connection
    link = tcpclient("127.0.0.1", 8890, "ConnectTimeout", 10);
    configureTerminator(link, "LF");
    configureCallback(link, "terminator", @berth_run);
    writeline(link, jsonencode(struct("event", "websocket", "port", port)));
    writeline(link, jsonencode(struct("event", "ready")));
end
