"""The supervising side: routing, feeds, delivery, receipts, deadlines, results."""
