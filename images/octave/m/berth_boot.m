% Runs once when Octave starts: settles the session and runs the user's startup.m, as MATLAB does.
function berth_boot ()
  state = warning ("off", "all");
  graphics_toolkit ("gnuplot");
  set (0, "defaultfigurevisible", "off");
  evalin ("base", "PS1 (''); PS2 (''); more off;");
  warning (state);
  warning ("off", "Octave:shadowed-function");
  addpath ("/opt/berth/m/instead");

  % The user's own folder, where the control plane mounted it; else the one of the image.
  folder = "/home/matlab/shared/Documents/MATLAB";
  if (! exist (folder, "dir"))
    folder = "/home/matlab/Documents/MATLAB";
  endif
  cd (folder);
  addpath (folder);

  % A user without a startup.m gets the one that the image has.
  startup = fullfile (folder, "startup.m");
  if (! exist (startup, "file"))
    startup = "/opt/berth/startup.m";
  endif
  unwind_protect
    try
      evalin ("base", sprintf ("source ('%s');", startup));
    catch problem
      fprintf (stderr, "startup.m: %s\n", problem.message);
      berth_tell (struct ("event", "startup_failed", "error", problem.message));
    end_try_catch
  unwind_protect_cleanup
    berth_tell (struct ("event", "ready"));
  end_unwind_protect
endfunction
