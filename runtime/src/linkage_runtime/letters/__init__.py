"""Dead letters after their burial: found, shown, replayed, edited, discarded, each act recorded."""
