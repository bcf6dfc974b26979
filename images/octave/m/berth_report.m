% Ends a command: marks on stdout and stderr, its outcome and new figures to the bridge.
function berth_report (tag, number, error)
  outcome = struct ("number", number, "error", error);
  outcome.figures = {};
  for figure = get (0, "children")(:)'
    try
      if (is_drawn_anew (figure))
        outcome.figures{end+1} = print_figure (figure);
      endif
    catch problem
      fputs (stderr, [problem.message "\n"]);
    end_try_catch
  endfor
  mark = sprintf ("\x1e%s-%d\n", tag, number);
  fputs (stdout, mark);
  fflush (stdout);
  fputs (stderr, mark);
  fflush (stderr);
  berth_tell (outcome);
endfunction

function drawn = is_drawn_anew (figure)
  drawn = ! isempty (get (figure, "children")) && strcmp (get (figure, "__modified__"), "on");
endfunction

% gnuplot writes the PNG by itself; print() would want ghostscript.
function file = print_figure (figure)
  file = [tempname() ".png"];
  set (0, "currentfigure", figure);
  drawnow ("pngcairo size 640,480", file);
  set (figure, "__modified__", "off");
endfunction
