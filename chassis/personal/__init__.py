"""Personal data (个人信息): how it is recognised in a text and hidden, before it is written, published or sent."""
