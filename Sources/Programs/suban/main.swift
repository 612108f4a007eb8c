print("suban")
