"""Berth beside what people would use instead, in one run on one machine: script/bench."""
