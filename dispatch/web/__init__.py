"""The pages people open in a browser, and the little they need before anybody has signed in."""
