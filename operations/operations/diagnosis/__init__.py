"""What is wrong with a deployment, asked of everything it stands on and said in words."""
