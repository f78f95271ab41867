import sys

from awsglue.utils import getResolvedOptions
from pyspark.sql import SparkSession

arguments = getResolvedOptions(sys.argv, ["in_customers", "out_table"])
spark = SparkSession.builder.getOrCreate()
customers = spark.read.parquet(arguments["in_customers"])
customers.dropDuplicates(["id"]).write.mode("overwrite").parquet(arguments["out_table"])
