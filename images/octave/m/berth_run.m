% Runs one command in the user's workspace and reports how it went. An interrupt is no error that try could catch, but
% it does pass through unwind_protect.
function berth_run (tag__, number__, code__)
  error__ = "interrupted";
  unwind_protect
    try
      evalin ("base", char (__base64_decode_bytes__ (code__)));
      error__ = [];
    catch problem__
      error__ = problem__.message;
    end_try_catch
  unwind_protect_cleanup
    berth_report (tag__, number__, error__);
  end_unwind_protect
endfunction
