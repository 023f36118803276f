// filled by the tests of HTTP/2
