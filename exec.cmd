@rem cmd.exe lacks the "exec" of the package scripts; running the rest of the line does.
@%*
