"""A day at the desk in half a minute: people write, staff answer, alarms go off, a report runs, all is counted."""
