print("joined")
