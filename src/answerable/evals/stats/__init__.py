"""How sure are we: intervals, paired tests, power, agreement, correction by people."""
