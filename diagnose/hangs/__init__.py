"""How a job was ended from outside, and what it was doing then."""
