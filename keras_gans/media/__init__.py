"""What a sample is: images, points, text."""
