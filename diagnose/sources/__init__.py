"""Where facts come from: GitHub, and the checkout at hand. The only room that speaks HTTP."""
