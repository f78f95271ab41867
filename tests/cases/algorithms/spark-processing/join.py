print("joining")
