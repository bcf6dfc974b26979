% There is no keyboard behind a session in the browser; Octave's own would wait for it, and eat the next command.
function varargout = input (varargin)
  error ("input: no keyboard here; give the value in the code");
endfunction
