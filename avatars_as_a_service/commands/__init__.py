"""The work of the commands. ``cli`` defines their options and help."""
