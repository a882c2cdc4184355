module understudy.test/traffic

go 1.22
