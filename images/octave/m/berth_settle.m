% After an interrupt: ends the command once more, in case its own report was cut short, and tells that Octave listens again.
function berth_settle (tag, number, settling)
  berth_report (tag, number, "interrupted");
  berth_tell (struct ("event", "settled", "settling", settling));
endfunction
