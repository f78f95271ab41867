print("prepares")
