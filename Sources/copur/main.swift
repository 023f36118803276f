print("copur")
