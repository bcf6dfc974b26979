% There is no keyboard behind a session in the browser; Octave's own would wait for it, and eat the next command.
function varargout = keyboard (varargin)
  error ("keyboard: no keyboard here; print what you want to see");
endfunction
